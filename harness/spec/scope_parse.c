/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Expressions of a spec: what the parser asks of a scope, and findings for what it does not understand.
 */
#include "spec/load.h"

#include <string.h>

static void note_missed(const struct scope *scope, bool found)
{
	if (scope->missed && !found)
		*scope->missed = true;
}

static bool expr_find(const void *context, const char *name, struct name *found)
{
	const struct scope *scope = context;
	bool known = scope_find(scope, name, found);

	note_missed(scope, known);
	return known;
}

static const struct int_set *expr_find_set(const void *context, const char *name)
{
	const struct scope *scope = context;
	const struct int_set *set = load_find_set(scope->load, name);

	note_missed(scope, set);
	return set;
}

static int expr_find_chapter(const void *context, const char *name)
{
	const struct scope *scope = context;

	for (size_t i = 0; i < scope->load->chapters.count; i++) {
		const struct chapter *chapter = scope->load->chapters.items[i];

		if (!strcmp(chapter->name, name))
			return (int)chapter->number;
	}
	note_missed(scope, false);
	return -1;
}

static const struct arg *buffer_arg(const struct scope *scope, unsigned buffer)
{
	const struct entry *entry = scope->entry;

	return entry && buffer < entry->buffer_count ? &entry->args[entry->buffers[buffer]] : NULL;
}

static bool expr_find_field(const void *context, unsigned buffer, const char *field, unsigned *offset, struct int_type *type)
{
	const struct arg *arg = buffer_arg(context, buffer);

	for (size_t i = 0; arg && arg->of && i < arg->of->member_count; i++) {
		const struct struct_field *member = &arg->of->members[i];

		if (strcmp(member->name, field))
			continue;
		*offset = member->offset;
		*type = member->type->base;
		return true;
	}
	return false;
}

static bool expr_element(const void *context, unsigned buffer, unsigned *size, struct int_type *type)
{
	const struct arg *arg = buffer_arg(context, buffer);

	if (!arg)
		return false;
	*size = arg->of ? arg->of->size : 1;
	*type = arg->of ? arg->of->base : (struct int_type){ 8, false };
	return true;
}

static void expr_each_name(const void *context, void (*visit)(void *ctx, const char *name), void *ctx)
{
	scope_each_name(context, visit, ctx);
}

const struct expr *scope_parse(struct load *load, const struct scope *from, const struct node *node, bool wanted_bool)
{
	bool missed = false;
	struct scope scope = *from;
	const struct expr_scope names = {
		&scope,		 expr_find,    expr_find_set,  expr_find_chapter,
		expr_find_field, expr_element, expr_each_name, .is_structure = from->entry && from->entry->is_structure,
	};
	struct where where = node->where;
	struct expr_mistake mistake;
	const struct expr *expr;

	scope.missed = &missed;
	where.column += node->quoted;
	expr = expr_compile(load->arena, node->text, where, wanted_bool, &names, &mistake);
	if (!expr)
		findings_add(load->findings, SEVERITY_ERROR, mistake.where, missed ? "unknown-name" : "bad-expression", "%s",
			     mistake.message);
	return expr;
}
