/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_set.c - what stands behind `in`: the name of a set, or one written in place.
 */
#include "spec/expr_parse.h"

struct set_builder {
	struct parser *parser;
	struct int_type type; /* of the left side, which every element must fit */
	struct int_range *ranges;
	size_t count, room;
};

static void add_range(struct set_builder *builder, struct int_range range)
{
	if (builder->count == builder->room) {
		struct int_range *more =
			arena_new_array(builder->parser->arena, struct int_range, builder->room = builder->room * 2 + 4);
		size_t i;

		for (i = 0; i < builder->count; i++)
			more[i] = builder->ranges[i];
		builder->ranges = more;
	}
	builder->ranges[builder->count++] = range;
}

static bool parse_end(struct set_builder *builder, int64_t *end)
{
	struct parser *parser = builder->parser;
	struct term *term = parse_set_element(parser);

	if (!term)
		return false;
	if (term->op != TERM_CONSTANT || !type_want_integer(&parser->complaint, term)) {
		expr_complain(&parser->complaint, term->at, "a set holds numbers and constants only: compare with == instead");
		return false;
	}
	if (!type_adapt(&parser->complaint, term, builder->type))
		return false;
	*end = (int64_t)term->bits;
	return true;
}

static bool parse_range(struct set_builder *builder)
{
	struct parser *parser = builder->parser;
	unsigned at = parser->token.at;
	struct int_range range;
	bool rising;

	if (!parse_end(builder, &range.low))
		return false;
	range.high = range.low;
	if (parser->token.kind == TOKEN_RANGE) {
		parser_advance(parser);
		if (!parse_end(builder, &range.high))
			return false;
	}
	rising = builder->type.is_signed ? range.low <= range.high : (uint64_t)range.low <= (uint64_t)range.high;
	if (!rising) {
		expr_complain(&parser->complaint, at, "this range is empty: its first number is above its last");
		return false;
	}
	add_range(builder, range);
	return true;
}

static struct term *parse_set_in_place(struct parser *parser, struct term *term)
{
	struct set_builder builder = { parser, term->arg[0]->type, NULL, 0, 0 };
	struct int_set *set;

	do {
		parser_advance(parser);
		if (!parse_range(&builder))
			return NULL;
	} while (parser->token.kind == TOKEN_COMMA);
	if (!parser_take(parser, TOKEN_CLOSE_SET, "`,` or `}`"))
		return NULL;
	set = arena_alloc(parser->arena, sizeof(*set));
	set->count = builder.count;
	set->ranges = builder.ranges;
	term->set = set;
	return term;
}

static struct term *parse_set_by_name(struct parser *parser, struct term *term)
{
	unsigned at = parser->token.at;
	const char *name = parse_dotted(parser);

	if (parser->scope->find_set)
		term->set = parser->scope->find_set(parser->scope->context, name);
	return term->set ? term : complain_unknown(parser, WANTED_SET, name, at);
}

struct term *parse_set(struct parser *parser, struct term *term)
{
	term->type = type_bool;
	if (!type_want_integer(&parser->complaint, term->arg[0]) || !type_settle(&parser->complaint, term->arg[0]))
		return NULL;
	if (parser->token.kind == TOKEN_OPEN_SET)
		return parse_set_in_place(parser, term);
	if (parser->token.kind == TOKEN_NAME)
		return parse_set_by_name(parser, term);
	return parser_expected(parser, "a set, `{...}` or its name,");
}
