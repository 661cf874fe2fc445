/* SPDX-License-Identifier: BSD-2-Clause */
/* words.c - parts of a specification as a reader wants to see them. */
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "doc/writer.h"

const char *doc_number(struct arena *arena, uint64_t bits, bool is_signed)
{
	if (is_signed && bits >> 63)
		return arena_printf(arena, "%" PRId64, (int64_t)bits);
	return arena_printf(arena, bits < 10 ? "%" PRIu64 : "0x%" PRIx64, bits);
}

const char *doc_type(struct arena *arena, const struct type *type)
{
	if (type->name)
		return arena_printf(arena, "`%s`", type->name);
	if (type->member_count)
		return "structure";
	return arena_printf(arena, "`%c%u`", type->base.is_signed ? 's' : 'u', type->base.bits);
}

static const char *add(struct arena *arena, const char *text, const char *part)
{
	return *text ? arena_printf(arena, "%s; %s", text, part) : part;
}

const char *doc_set(struct arena *arena, const struct int_set *set)
{
	const char *text = "";

	for (size_t i = 0; set && i < set->count; i++) {
		const char *low = doc_number(arena, (uint64_t)set->ranges[i].low, true);
		const char *high = doc_number(arena, (uint64_t)set->ranges[i].high, true);

		text = arena_printf(arena, "%s%s`%s`", text, i ? ", " : "", low);
		if (strcmp(low, high))
			text = arena_printf(arena, "%s to `%s`", text, high);
	}
	return text;
}

static const char *named(struct arena *arena, const struct named_value *list, size_t count, const char *format, bool is_signed)
{
	const char *text = "";

	for (size_t i = 0; i < count; i++)
		text = arena_printf(arena, "%s%s`%s` %s %s", text, i ? ", " : "", list[i].name, format,
				    doc_number(arena, list[i].value, is_signed));
	return text;
}

static const char *fields(struct arena *arena, const struct type *type)
{
	const char *text = "";

	for (size_t i = 0; i < type->field_count; i++)
		text = arena_printf(arena, "%s%s`%s` bits %u:%u", text, i ? ", " : "", type->fields[i].name, type->fields[i].high,
				    type->fields[i].low);
	return text;
}

static const char *members(struct arena *arena, const struct type *type)
{
	const char *text = arena_printf(arena, "%u bytes", type->size);

	for (size_t i = 0; i < type->member_count; i++)
		text = arena_printf(arena, "%s%s `%s` %s at %u", text, i ? "," : ":", type->members[i].name,
				    doc_type(arena, type->members[i].type), type->members[i].offset);
	return text;
}

const char *doc_values(struct arena *arena, const struct type *type)
{
	const char *text = "";

	if (type->enum_count)
		text = add(arena, text, named(arena, type->enums, type->enum_count, "=", type->base.is_signed));
	if (type->flag_count)
		text = add(arena, text, named(arena, type->flags, type->flag_count, "bit", false));
	if (type->field_count)
		text = add(arena, text, fields(arena, type));
	if (type->member_count)
		text = add(arena, text, members(arena, type));
	if (type->reserved)
		text = add(arena, text, arena_printf(arena, "reserved: %s", doc_set(arena, type->reserved)));
	if (type->platform)
		text = add(arena, text, arena_printf(arena, "left to the platform: %s", doc_set(arena, type->platform)));
	if (type->align > 1)
		text = add(arena, text, arena_printf(arena, "a multiple of %u", type->align));
	return text;
}

static const char *buffer(struct arena *arena, const struct entry *entry, const struct arg *arg)
{
	static const char *const directions[] = { "", "read", "written", "read and written" };
	const char *text = arena_printf(arena, "address of memory that is %s", directions[arg->direction]);

	if (arg->of)
		text = arena_printf(arena, "%s, elements of %s", text, doc_type(arena, arg->of));
	if (arg->size)
		text = arena_printf(arena, "%s, `%s` bytes", text, expr_text(arg->size));
	if (arg->align > 1)
		text = arena_printf(arena, "%s, aligned to %u", text, arg->align);
	if (arg->other >= 0)
		text = arena_printf(arena, "%s; upper half in `%s`", text, entry->args[arg->other].name);
	if (arg->special)
		text = arena_printf(arena, "%s; %s has a meaning of its own", text, doc_set(arena, arg->special));
	return text;
}

static const char *of_other(struct arena *arena, const struct entry *entry, const struct arg *arg, const char *what)
{
	return arg->other < 0 ? what : arena_printf(arena, "%s `%s`", what, entry->args[arg->other].name);
}

static const char *role(struct arena *arena, const struct entry *entry, const struct arg *arg)
{
	switch (arg->role) {
	case ROLE_HART:
		return "number of a CPU";
	case ROLE_HART_MASK:
		return of_other(arena, entry, arg, "mask of CPUs, counted from");
	case ROLE_HART_MASK_BASE:
		return "first CPU of a mask; all ones: every CPU";
	case ROLE_TIME:
		return "point in time";
	case ROLE_CODE:
		return "address that is entered";
	case ROLE_BUFFER:
		return buffer(arena, entry, arg);
	case ROLE_HIGH:
		return of_other(arena, entry, arg, "upper half of the address");
	case ROLE_LENGTH:
		return arg->unit > 1 ? arena_printf(arena, "%s, in units of %u bytes", of_other(arena, entry, arg, "length of"),
						    arg->unit)
				     : of_other(arena, entry, arg, "length in bytes of");
	case ROLE_HANDLE:
		return "what an earlier call gave";
	case ROLE_CALLER:
		return "what the caller is like";
	default:
		return "";
	}
}

const char *doc_meaning(struct arena *arena, const struct entry *entry, const struct arg *arg)
{
	const char *text = role(arena, entry, arg), *values = doc_values(arena, arg->type);

	return *values ? add(arena, text, values) : text;
}

const char *doc_versions(struct arena *arena, const struct spec *spec, int since, int until)
{
	if (since <= 0 && until < 0)
		return NULL;
	if (until < 0)
		return arena_printf(arena, "since %s", spec->versions[since]);
	if (since <= 0)
		return arena_printf(arena, "until %s", spec->versions[until]);
	return arena_printf(arena, "%s to %s", spec->versions[since], spec->versions[until]);
}

const char *doc_time(struct arena *arena, uint64_t ns)
{
	if (ns % 1000000000 == 0)
		return arena_printf(arena, "%" PRIu64 " s", ns / 1000000000);
	if (ns % 1000000 == 0)
		return arena_printf(arena, "%" PRIu64 " ms", ns / 1000000);
	return ns % 1000 ? arena_printf(arena, "%" PRIu64 " ns", ns) : arena_printf(arena, "%" PRIu64 " us", ns / 1000);
}

const char *doc_signature(struct arena *arena, const struct entry *entry)
{
	const char *text = arena_printf(arena, "%s(", entry->name);

	for (size_t i = 0; i < entry->arg_count; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? ", " : "", entry->args[i].name);
	text = arena_printf(arena, "%s)", text);
	for (size_t i = 0; i < entry->result_count; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? ", " : " -> ", entry->results[i].name);
	return text;
}

const char *doc_selector(struct arena *arena, const struct spec *spec, const struct entry *entry)
{
	const struct convention *convention = &spec->convention;
	const char *text = "";

	for (size_t i = 0; i < convention->selector_count; i++)
		if (entry->selector_known & (1u << i))
			text = arena_printf(arena, "%s%s%s `0x%" PRIx64 "` in `%s`", text, *text ? ", " : "",
					    convention->selector_name[i], entry->selector[i],
					    place_text(arena, &convention->selector[i]));
	return text;
}

const char *doc_call(struct arena *arena, const struct spec_call *call)
{
	const char *text = arena_printf(arena, "%s.%s(", call->entry->chapter->name, call->entry->name), *comma = "";

	for (size_t i = 0; i < call->entry->arg_count; i++) {
		if (!call->value[i] && !call->pad[i])
			continue;
		text = arena_printf(arena, "%s%s%s = %s", text, comma, call->entry->args[i].name,
				    call->value[i] ? expr_text(call->value[i]) : call->pad[i]);
		comma = ", ";
	}
	return arena_printf(arena, "%s)", text);
}

const char *doc_preserved(struct arena *arena, bool all_but, size_t count, const char *const *names)
{
	const char *text = all_but ? count ? "all but " : "all" : count ? "" : "none";

	for (size_t i = 0; i < count; i++)
		text = arena_printf(arena, "%s%s`%s`", text, i ? ", " : "", names[i]);
	return text;
}
