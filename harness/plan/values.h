/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * values.h - how odd values are collected.
 */
#ifndef ASSAY_PLAN_VALUES_H
#define ASSAY_PLAN_VALUES_H

#include "plan/internal.h"

#define MENU_MAX 96

struct value_list {
	struct plan *plan;
	const struct entry *entry;
	const struct arg *arg;
	struct int_type base;
	bool reserved; /* what is added now belongs to the strategy `reserved` */
	size_t count;
	struct pick picks[MENU_MAX];
};

/* A value whose name or number is there already, or that the plan must not pass, is left out. */
void values_add(struct value_list *list, struct pick pick);
/* A number, if the argument's type can hold it; name NULL: the number itself. */
void values_number(struct value_list *list, const char *name, uint64_t literal);
void values_hex(struct value_list *list, const char *prefix, uint64_t literal);
/* A narrow argument with junk in the rest of its register. */
void values_dirty(struct value_list *list);
/* Everything that follows from the argument's type and from the rules about it. */
void values_by_type(struct value_list *list);

#endif
