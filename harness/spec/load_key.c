/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mappings by table: unknown keys, missing keys and the kinds of values are handled here once for all parts of a spec.
 */
#include "spec/load.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void list_add(struct list *list, void *item)
{
	if (list->count == list->room) {
		list->room = list->room ? list->room * 2 : 16;
		list->items = xrealloc(list->items, list->room * sizeof(list->items[0]));
	}
	list->items[list->count++] = item;
}

void load_error(struct load *load, const struct node *node, const char *code, const char *format, ...)
{
	char message[480];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	findings_add(load->findings, SEVERITY_ERROR, node->where, code, "%s", message);
}

void load_warning(struct load *load, struct where where, const char *code, const char *format, ...)
{
	char message[480];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	findings_add(load->findings, SEVERITY_WARNING, where, code, "%s", message);
}

static const char *kind_text(const struct node *node)
{
	static const char *const texts[] = { "a single value", "a list", "a mapping" };

	return node->kind == NODE_SCALAR && !node->text[0] ? "nothing" : texts[node->kind];
}

bool load_is(struct load *load, const struct node *node, enum node_kind kind, const char *what)
{
	static const char *const wanted[] = { "a single value", "a list", "a mapping (key: value)" };

	if (node->kind == kind && (kind != NODE_SCALAR || node->text[0] || node->quoted))
		return true;
	load_error(load, node, "wrong-type", "%s is %s, got %s", what, wanted[kind], kind_text(node));
	return false;
}

struct near load_near(const struct load *load, const char *wanted)
{
	return (struct near){ .wanted = wanted, .off = load->findings->count >= LIMIT_HINTS };
}

static const struct key *find_key(const struct mapping *mapping, const char *name)
{
	for (size_t i = 0; i < mapping->count; i++) {
		if (!strcmp(mapping->keys[i].name, name))
			return &mapping->keys[i];
	}
	return NULL;
}

static const char *all_keys(struct load *load, const struct mapping *mapping)
{
	const char *text = "";

	for (size_t i = 0; i < mapping->count; i++)
		text = arena_printf(load->arena, "%s%s%s", text, i ? ", " : "", mapping->keys[i].name);
	return text;
}

static void report_unknown_key(struct load *load, const struct mapping *mapping, const struct node *key, const struct node *value)
{
	struct near near = load_near(load, key->text);

	for (size_t i = 0; i < mapping->count; i++)
		near_consider(&near, mapping->keys[i].name);
	if (near.best)
		load_error(load, key, "unknown-key", "%s has no key `%s`%s", mapping->what, key->text,
			   near_hint(load->arena, &near));
	else if (value->kind == NODE_SCALAR && !value->text[0] && !value->quoted)
		load_error(load, key, "unknown-key",
			   "%s has no key `%s`; inside { } a comma ends a value: put the text in quotes", mapping->what,
			   key->text);
	else
		load_error(load, key, "unknown-key", "%s has no key `%s`; it has: %s", mapping->what, key->text,
			   all_keys(load, mapping));
}

void load_mapping(struct load *load, const struct mapping *mapping, const struct node *node, void *target)
{
	if (!load_is(load, node, NODE_MAPPING, mapping->what))
		return;
	for (size_t i = 0; i < node->count; i++) {
		if (!find_key(mapping, node->keys[i]->text))
			report_unknown_key(load, mapping, node->keys[i], node->items[i]);
	}
	for (size_t i = 0; i < mapping->count; i++) {
		const struct key *key = &mapping->keys[i];
		const struct node *value = node_get(node, key->name);

		if (value)
			key->read(load, key->name, value, (char *)target + key->offset);
		else if (key->required)
			load_error(load, node, "missing-key", "%s needs the key `%s`", mapping->what, key->name);
	}
}

static bool is_scalar(struct load *load, const char *key, const struct node *node)
{
	char what[80];

	snprintf(what, sizeof(what), "`%s`", key);
	return load_is(load, node, NODE_SCALAR, what);
}

int load_choice(struct load *load, const char *key, const struct node *node, const char *const *words, size_t count)
{
	struct near near = load_near(load, node->text);
	const char *all = "";

	if (!is_scalar(load, key, node))
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(words[i], node->text))
			return (int)i;
	}
	for (size_t i = 0; i < count; i++) {
		near_consider(&near, words[i]);
		all = arena_printf(load->arena, "%s%s%s", all, i ? ", " : "", words[i]);
	}
	load_error(load, node, "bad-word", "`%s` is one of %s, got `%s`%s", key, all, node->text, near_hint(load->arena, &near));
	return -1;
}

void read_nothing(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)load;
	(void)key;
	(void)value;
	(void)slot;
}

void read_text(struct load *load, const char *key, const struct node *value, void *slot)
{
	if (is_scalar(load, key, value))
		*(const char **)slot = value->text;
}

bool is_name(const char *text)
{
	if (!isalpha((unsigned char)text[0]) && text[0] != '_')
		return false;
	for (; *text; text++) {
		if (!isalnum((unsigned char)*text) && *text != '_')
			return false;
	}
	return true;
}

void read_name(struct load *load, const char *key, const struct node *value, void *slot)
{
	if (!is_scalar(load, key, value))
		return;
	if (!is_name(value->text))
		load_error(load, value, "bad-name", "`%s` is a name of letters, digits and _ that begins with a letter, got `%s`",
			   key, value->text);
	*(const char **)slot = value->text;
}

static bool is_id(const char *text)
{
	for (const char *at = text; *at; at++) {
		if (!islower((unsigned char)*at) && !isdigit((unsigned char)*at) && (*at != '-' || at == text))
			return false;
	}
	return text[0];
}

void read_id(struct load *load, const char *key, const struct node *value, void *slot)
{
	if (!is_scalar(load, key, value))
		return;
	if (!is_id(value->text))
		load_error(load, value, "bad-name", "`%s` is made of small letters, digits and -, got `%s`", key, value->text);
	*(const char **)slot = value->text;
}

void read_cite(struct load *load, const char *key, const struct node *value, void *slot)
{
	const struct spec *spec = load->spec;

	if (!is_scalar(load, key, value))
		return;
	*(const char **)slot = arena_printf(load->arena, "%s %s, %s", load->document_short ? load->document_short : "",
					    spec->revision ? spec->revision : "", value->text);
}

void read_version(struct load *load, const char *key, const struct node *value, void *slot)
{
	const struct spec *spec = load->spec;
	struct near near = load_near(load, value->text);

	if (!is_scalar(load, key, value))
		return;
	for (size_t i = 0; i < spec->version_count; i++) {
		if (!strcmp(spec->versions[i], value->text)) {
			*(int *)slot = (int)i;
			return;
		}
	}
	for (size_t i = 0; i < spec->version_count; i++)
		near_consider(&near, spec->versions[i]);
	load_error(load, value, "unknown-version", "`%s`: the interface has no version `%s`%s", key, value->text,
		   near_hint(load->arena, &near));
}

static const struct {
	const char *name;
	uint64_t ns;
} time_units[] = { { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 } };

void read_time(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct number number;
	size_t digits;

	if (!is_scalar(load, key, value))
		return;
	digits = strspn(value->text, "0123456789");
	for (size_t i = 0; digits && i < sizeof(time_units) / sizeof(time_units[0]); i++) {
		if (strcmp(value->text + digits, time_units[i].name) || !number_parse(value->text, digits, &number))
			continue;
		if (__builtin_mul_overflow(number.bits, time_units[i].ns, (uint64_t *)slot))
			load_error(load, value, "bad-range", "`%s`: %s is longer than 64 bits of nanoseconds", key, value->text);
		return;
	}
	load_error(load, value, "wrong-type", "`%s` is a time with its unit (20us, 3ms, 1s), got `%s`", key, value->text);
}

void read_unsigned(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct number number;

	if (!load_number(load, key, value, &number))
		return;
	if (number.negative || number.bits > UINT32_MAX)
		load_error(load, value, "bad-range", "`%s` is a number from 0 to 2^32 - 1, got %s", key, value->text);
	else
		*(unsigned *)slot = (unsigned)number.bits;
}
