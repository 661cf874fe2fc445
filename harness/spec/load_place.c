/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Places of arguments and results: a register, a stack slot, a field of a memory block, bits of the instruction.
 */
#include "spec/load.h"

#include <stdio.h>
#include <string.h>

static bool whole(const char *text, size_t length, unsigned limit, unsigned *out)
{
	struct number number;

	if (!number_parse(text, length, &number) || number.negative || number.bits > limit)
		return false;
	*out = (unsigned)number.bits;
	return true;
}

static bool parse_stack(const char *text, struct place *place)
{
	place->kind = PLACE_STACK;
	return whole(text, strlen(text), 4096, &place->offset);
}

static bool parse_block(const char *text, struct place *place)
{
	size_t offset = strcspn(text, ":");

	place->kind = PLACE_BLOCK;
	if (text[offset] && (!whole(text + offset + 1, strlen(text + offset + 1), 64, &place->bits) || !place->bits))
		return false;
	return whole(text, offset, 65535, &place->offset);
}

static bool parse_instruction(const char *text, struct place *place)
{
	size_t colon = strcspn(text, ":"), length = strlen(text);
	unsigned high, low;

	place->kind = PLACE_INSTRUCTION;
	if (!length || text[length - 1] != ']' || colon == length || !whole(text, colon, 63, &high) ||
	    !whole(text + colon + 1, length - colon - 2, 63, &low) || high < low)
		return false;
	place->high = (uint8_t)high;
	place->low = (uint8_t)low;
	return true;
}

static const struct {
	const char *prefix;
	bool (*parse)(const char *text, struct place *place);
} forms[] = { { "stack+", parse_stack }, { "block+", parse_block }, { "insn[", parse_instruction } };

bool load_place(struct load *load, const char *key, const struct node *node, struct place *place)
{
	char what[80];

	*place = (struct place){ .kind = PLACE_REGISTER, .reg = "" };
	snprintf(what, sizeof(what), "`%s`", key);
	if (!load_is(load, node, NODE_SCALAR, what))
		return false;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t length = strlen(forms[i].prefix);

		if (!strncmp(node->text, forms[i].prefix, length)) {
			if (forms[i].parse(node->text + length, place))
				return true;
			break;
		}
	}
	*place = (struct place){ .kind = PLACE_REGISTER, .reg = node->text };
	if (is_name(node->text))
		return true;
	load_error(load, node, "bad-place", "`%s` is a register, `stack+4`, `block+8:32` or `insn[25:0]`, got `%s`", key,
		   node->text);
	return false;
}

bool place_equal(const struct place *a, const struct place *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case PLACE_REGISTER:
		return !strcmp(a->reg, b->reg) && a->reg[0];
	case PLACE_INSTRUCTION:
		return a->low <= b->high && b->low <= a->high;
	default:
		return a->offset == b->offset;
	}
}
