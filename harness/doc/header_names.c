/* SPDX-License-Identifier: BSD-2-Clause */
/* header_names.c - upstream's names as macros and functions, which have to be different from all others. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <uthash.h>

#include "base/arena.h"
#include "doc/header_parts.h"

struct macro {
	const char *name;
	uint64_t value;
	UT_hash_handle hh;
};

static const char *cased(struct arena *arena, const char *text, int (*change)(int c))
{
	char *out = arena_strdup(arena, text);

	for (char *c = out; *c; c++)
		*c = (char)(isalnum((unsigned char)*c) ? change((unsigned char)*c) : '_');
	return out;
}

/* What has the prefix in its name needs no other. */
static const char *prefixed(struct arena *arena, const char *prefix, const char *name)
{
	size_t length = strlen(prefix);

	return !strncasecmp(name, prefix, length) && name[length] == '_' ? name : arena_printf(arena, "%s_%s", prefix, name);
}

const char *macro_name(struct header *header, const struct chapter *chapter, const char *name)
{
	struct arena *arena = header->arena;

	if (chapter && strncasecmp(name, header->spec->name, strlen(header->spec->name)))
		name = prefixed(arena, chapter->name, name);
	return cased(arena, prefixed(arena, header->spec->name, name), toupper);
}

static int as_it_is(int c)
{
	return c;
}

const char *c_name(struct header *header, const struct chapter *chapter, const char *name)
{
	if (chapter)
		name = arena_printf(header->arena, "%s_%s", chapter->name, name);
	return cased(header->arena, arena_printf(header->arena, "%s_%s", header->spec->name, name), as_it_is);
}

const char *c_word(struct arena *arena, const char *name)
{
	static const char *const taken[] = {
		"alignas", "alignof",  "and",	    "asm",	"auto",	    "bool",	 "break",   "case",   "catch",
		"char",	   "class",    "const",	    "continue", "default",  "delete",	 "do",	    "double", "else",
		"enum",	   "explicit", "export",    "extern",	"false",    "float",	 "for",	    "friend", "goto",
		"if",	   "inline",   "int",	    "long",	"mutable",  "namespace", "new",	    "not",    "operator",
		"or",	   "private",  "protected", "public",	"register", "restrict",	 "return",  "short",  "signed",
		"sizeof",  "static",   "struct",    "switch",	"template", "this",	 "throw",   "true",   "try",
		"typedef", "typeid",   "typename",  "union",	"unsigned", "using",	 "virtual", "void",   "volatile",
		"wchar_t", "while",    "xor",	    "frame",	"result",
	};

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (!strcmp(taken[i], name))
			return arena_printf(arena, "%s_", name);
	return name;
}

const char *c_type(struct int_type type)
{
	static const char *const names[2][4] = { { "uint8_t", "uint16_t", "uint32_t", "uint64_t" },
						 { "int8_t", "int16_t", "int32_t", "int64_t" } };

	return names[type.is_signed][type.bits <= 8 ? 0 : type.bits <= 16 ? 1 : type.bits <= 32 ? 2 : 3];
}

static const char *number(struct arena *arena, uint64_t value, bool is_signed)
{
	if (is_signed && value == UINT64_C(1) << 63)
		return "INT64_MIN";
	if (is_signed && value >> 63)
		return arena_printf(arena, "(-%" PRIu64 ")", -value);
	if (value < 10)
		return arena_printf(arena, "%" PRIu64, value);
	if (value <= INT32_MAX)
		return arena_printf(arena, "0x%" PRIx64, value);
	return arena_printf(arena, value <= UINT32_MAX ? "0x%" PRIx64 "u" : "UINT64_C(0x%" PRIx64 ")", value);
}

static struct macro *find(struct header *header, const char *name)
{
	struct macro *macro;

	HASH_FIND_STR(header->macros, name, macro);
	return macro;
}

bool define(struct header *header, const struct chapter *chapter, const char *type, const char *name, uint64_t value,
	    bool is_signed)
{
	const char *full = macro_name(header, chapter, name);
	struct macro *macro = find(header, full);

	if (macro && macro->value != value && type) {
		full = macro_name(header, chapter, arena_printf(header->arena, "%s_%s", type, name));
		macro = find(header, full);
	}
	if (macro) {
		if (macro->value != value)
			fprintf(header->out, "/* %s is %s here, which is another number than above */\n", name,
				number(header->arena, value, is_signed));
		return false;
	}
	macro = arena_alloc(header->arena, sizeof(*macro));
	macro->name = full;
	macro->value = value;
	HASH_ADD_KEYPTR(hh, header->macros, macro->name, strlen(macro->name), macro);
	fprintf(header->out, "#define %-48s %s\n", full, number(header->arena, value, is_signed));
	return true;
}

void define_none(struct header *header)
{
	HASH_CLEAR(hh, header->macros);
}
