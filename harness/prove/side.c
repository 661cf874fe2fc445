/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * side.c - the values that put a call on a side of a rule, by z3.
 *
 * The rule becomes a formula (encode.h), and what is known of the call is said about its leaves. What may be chosen is then settled
 * bit by bit: each is zero if that is possible with those before it. A model of z3 only saves questions: where it has a zero
 * already, none is asked.
 */
#include "prove/side.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "prove/encode.h"

/* What z3 may spend on one question to it, and on all of them about one side, in its own units. */
#define ASK_EFFORT  400000u
#define SIDE_EFFORT 1200000u
#define SETTLED	    (64u * (SPEC_ARGS + SIDE_NUMBERS) + SPEC_ARGS + SIDE_NUMBERS)

struct asking {
	const struct side_question *question;
	Z3_context z3;
	struct encoder encoder;
	Z3_solver solver;
	uint64_t spent;
	unsigned settled; /* what was found out so far, for all further questions */
	Z3_ast settlement[SETTLED];
	Z3_model model; /* the last one; keeps all that is settled */
	unsigned names; /* of bits */
	size_t said_leaves, said_axioms, said_exact; /* of the encoder's, so far */
};

static void say(struct asking *asking, Z3_ast formula)
{
	if (formula != asking->encoder.yes)
		Z3_solver_assert(asking->z3, asking->solver, formula);
}

/* ---- what is known of the leaves ---- */

static Z3_ast as_known(struct asking *asking, const struct leaf *leaf, struct value value)
{
	struct encoder *encoder = &asking->encoder;

	if (!value.known)
		return ast_not(encoder, leaf->symbol.known);
	return ast_and(encoder, leaf->symbol.known,
		       ast_equal(encoder, leaf->symbol.bits,
				 symbol_constant(encoder, int_truncate(value.bits, leaf->symbol.type), leaf->symbol.type).bits));
}

static Z3_ast initial(struct asking *asking, const struct state *state, const struct leaf *leaf)
{
	struct encoder *encoder = &asking->encoder;
	Z3_ast from[4], to[4], formula;
	struct symbol value;
	unsigned count = 0;

	if (!state->init)
		return ast_not(encoder, leaf->symbol.known);
	value = encode(encoder, state->init->root);
	for (size_t i = 0; i < encoder->leaf_count; i++) {
		const struct leaf *key = &encoder->leaves[i];

		if (key->kind != LEAF_NAME || key->name->kind != NAME_KEY || key->name->index >= leaf->keys || count == 4)
			continue;
		from[count] = key->symbol.bits;
		to[count++] =
			symbol_as(encoder, (struct symbol){ NULL, leaf->key[key->name->index], type_u64 }, key->symbol.type);
		from[count] = key->symbol.known;
		to[count++] = encoder->yes;
	}
	formula = ast_and(encoder, ast_equal(encoder, leaf->symbol.known, value.known),
			  ast_or(encoder, ast_not(encoder, value.known),
				 ast_equal(encoder, symbol_as(encoder, value, leaf->symbol.type), leaf->symbol.bits)));
	return count ? Z3_substitute(asking->z3, formula, count, from, to) : formula;
}

static Z3_ast has_keys(struct asking *asking, const struct side_cell *cell, const struct state *state, const struct leaf *leaf)
{
	struct encoder *encoder = &asking->encoder;
	Z3_ast same = encoder->yes;

	for (unsigned k = 0; k < leaf->keys; k++) {
		struct symbol key = { NULL, leaf->key[k], type_u64 }, wanted = { NULL, NULL, state->key_type[k] };

		wanted = symbol_constant(encoder, cell->key[k], wanted.type);
		same = ast_and(encoder, same, ast_equal(encoder, symbol_as(encoder, key, wanted.type), wanted.bits));
	}
	return same;
}

static bool is_blurred(const struct side_question *question, unsigned state)
{
	return state / 64 < question->blurred_words && question->blurred[state / 64] >> state % 64 & 1;
}

static Z3_ast state_law(struct asking *asking, const struct leaf *leaf)
{
	const struct side_question *question = asking->question;
	const struct state *state = question->spec->states[leaf->name->index];
	struct encoder *encoder = &asking->encoder;
	struct leaf kept = *leaf; /* encoding may move the list that it is in */
	Z3_ast law = is_blurred(question, state->number) ? ast_not(encoder, kept.symbol.known) : initial(asking, state, &kept);

	for (size_t i = 0; i < question->cell_count; i++) {
		const struct side_cell *cell = &question->cells[i];

		if (cell->state == state->number)
			law = ast_if(encoder, has_keys(asking, cell, state, &kept), as_known(asking, &kept, cell->value), law);
	}
	return law;
}

static Z3_ast argument_law(struct asking *asking, const struct leaf *leaf)
{
	const struct side_question *question = asking->question;
	const struct side_arg *arg = &question->args[leaf->name->index];
	const struct type *type = question->rule->entry->args[leaf->name->index].type;
	struct encoder *encoder = &asking->encoder;
	Z3_ast law = leaf->symbol.known, harmful, wide;

	if (arg->fixed)
		return as_known(asking, leaf, arg->usual);
	if (type->except)
		law = ast_and(encoder, law, ast_not(encoder, encode_in(encoder, leaf->symbol, type->except).bits));
	if (!arg->harmful)
		return law;
	wide = symbol_as(encoder, leaf->symbol, type_u64);
	harmful = ast_and(encoder, Z3_mk_bvuge(asking->z3, wide, ast_number(encoder, arg->low, 64)),
			  Z3_mk_bvule(asking->z3, wide, ast_number(encoder, arg->high, 64)));
	return ast_and(encoder, law, ast_not(encoder, harmful));
}

static Z3_ast name_law(struct asking *asking, const struct leaf *leaf)
{
	static const struct value no_keys[2];

	switch (leaf->name->kind) {
	case NAME_KEY:
		return asking->encoder.yes;
	case NAME_ARG:
		return argument_law(asking, leaf);
	case NAME_STATE:
		return state_law(asking, leaf);
	default:
		if (leaf->keys)
			return ast_not(&asking->encoder, leaf->symbol.known);
		return as_known(asking, leaf, asking->question->env->read(asking->question->env->context, leaf->name, no_keys));
	}
}

/* What the callee may only read is after the call what it was before it. */
static Z3_ast memory_law(struct asking *asking, const struct leaf *leaf)
{
	const struct entry *entry = asking->question->rule->entry;
	struct encoder *encoder = &asking->encoder;
	bool chosen = leaf->buffer < entry->buffer_count && asking->question->chosen[leaf->buffer];
	Z3_ast law = leaf->symbol.known;

	if (!chosen || (!leaf->old && entry->args[entry->buffers[leaf->buffer]].direction != DIRECTION_IN))
		return ast_not(encoder, leaf->symbol.known);
	for (size_t i = 0; i < asking->said_leaves; i++) {
		const struct leaf *other = &encoder->leaves[i];

		if (other->kind == LEAF_MEMORY && other->buffer == leaf->buffer && other->bytes == leaf->bytes &&
		    other->old != leaf->old)
			law = ast_and(encoder, law,
				      ast_or(encoder, ast_not(encoder, ast_equal(encoder, other->key[0], leaf->key[0])),
					     ast_equal(encoder, other->symbol.bits, leaf->symbol.bits)));
	}
	return law;
}

static Z3_ast leaf_law(struct asking *asking, const struct leaf *leaf)
{
	switch (leaf->kind) {
	case LEAF_NAME:
		return name_law(asking, leaf);
	case LEAF_MEMORY:
		return memory_law(asking, leaf);
	case LEAF_HART:
		return ast_not(&asking->encoder, leaf->symbol.bits);
	default:
		return ast_not(&asking->encoder, leaf->symbol.known);
	}
}

static void say_machine(struct asking *asking)
{
	const struct side_question *question = asking->question;
	struct encoder *encoder = &asking->encoder;
	const struct {
		Z3_ast variable;
		uint64_t bits;
	} fixed[] = {
		{ encoder->machine.harts, question->harts },	   { encoder->machine.own_low, question->own_low },
		{ encoder->machine.own_high, question->own_high }, { encoder->machine.map_low, 0 },
		{ encoder->machine.map_high, question->map_high },
	};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		say(asking, ast_equal(encoder, fixed[i].variable, ast_number(encoder, fixed[i].bits, 64)));
	for (unsigned i = 0; i < ENCODE_CHAPTERS; i++) {
		if (encoder->machine.present[i])
			say(asking, ast_equal(encoder, encoder->machine.present[i],
					      value_is_true(question->env->present(question->env->context, i)) ? encoder->yes
													       : encoder->no));
	}
}

/* ---- the rules ---- */

static Z3_ast goal(struct asking *asking)
{
	struct symbol when = encode_truth(&asking->encoder, asking->question->rule->when);

	switch (asking->question->wanted) {
	case SIDE_IS_TRUE:
		return symbol_is_true(&asking->encoder, when);
	case SIDE_IS_FALSE:
		return symbol_is_false(&asking->encoder, when);
	case SIDE_MAY_BE_TRUE:
		return ast_not(&asking->encoder, symbol_is_false(&asking->encoder, when));
	default:
		return ast_not(&asking->encoder, symbol_is_true(&asking->encoder, when));
	}
}

/* The answer that is assumed is one that no requirement forbids. */
static Z3_ast kept(struct asking *asking)
{
	const struct entry *entry = asking->question->rule->entry;
	struct encoder *encoder = &asking->encoder;
	Z3_ast all = encoder->yes;

	for (size_t i = 0; i < entry->rule_count; i++) {
		const struct rule *rule = entry->rules[i];
		struct symbol must;
		Z3_ast broken;

		if ((rule->strength != MUST && rule->strength != MUST_NOT) ||
		    !spec_in_version(rule->since, rule->until, asking->question->version))
			continue;
		must = encode_truth(&asking->encoder, rule->must);
		broken = rule->strength == MUST ? symbol_is_false(encoder, must) : symbol_is_true(encoder, must);
		all = ast_and(encoder, all,
			      ast_not(encoder, ast_and(encoder, broken,
						       symbol_is_true(encoder, encode_truth(&asking->encoder, rule->when)))));
	}
	return all;
}

/* What is known of all that was asked for so far. False: the formula got too big. */
static bool say_what_is_known(struct asking *asking)
{
	struct encoder *encoder = &asking->encoder;

	/* the initial value of a state may ask for more */
	for (; asking->said_leaves < encoder->leaf_count; asking->said_leaves++) {
		struct leaf leaf = encoder->leaves[asking->said_leaves];

		say(asking, leaf_law(asking, &leaf));
	}
	say_machine(asking);
	for (; asking->said_axioms < encoder->axiom_count; asking->said_axioms++)
		say(asking, encoder->axioms[asking->said_axioms]);
	for (; asking->said_exact < encoder->exact_count; asking->said_exact++)
		say(asking, encoder->exact[asking->said_exact]);
	return !encoder->exhausted;
}

/* ---- asking ---- */

static Z3_solver new_solver(struct asking *asking)
{
	Z3_solver solver = Z3_mk_solver_for_logic(asking->z3, Z3_mk_string_symbol(asking->z3, "QF_FD"));
	Z3_params params;

	Z3_solver_inc_ref(asking->z3, solver);
	params = Z3_mk_params(asking->z3);
	Z3_params_inc_ref(asking->z3, params);
	Z3_params_set_uint(asking->z3, params, Z3_mk_string_symbol(asking->z3, "rlimit"), ASK_EFFORT);
	Z3_solver_set_params(asking->z3, solver, params);
	Z3_params_dec_ref(asking->z3, params);
	return solver;
}

static uint64_t spent(struct asking *asking)
{
	Z3_stats stats = Z3_solver_get_statistics(asking->z3, asking->solver);
	uint64_t count = 0;

	Z3_stats_inc_ref(asking->z3, stats);
	for (unsigned i = 0; i < Z3_stats_size(asking->z3, stats); i++) {
		if (!strcmp(Z3_stats_get_key(asking->z3, stats, i), "rlimit count"))
			count = Z3_stats_get_uint_value(asking->z3, stats, i);
	}
	Z3_stats_dec_ref(asking->z3, stats);
	return count;
}

static void keep_model(struct asking *asking)
{
	if (asking->model)
		Z3_model_dec_ref(asking->z3, asking->model);
	asking->model = Z3_solver_get_model(asking->z3, asking->solver);
	if (asking->model)
		Z3_model_inc_ref(asking->z3, asking->model);
}

/* Can this be, with all that is settled? Then it is settled. */
static enum side_answer ask(struct asking *asking, Z3_ast assumed)
{
	Z3_lbool found;

	if (asking->spent > SIDE_EFFORT || asking->settled == SETTLED)
		return SIDE_UNDECIDED;
	if (assumed)
		asking->settlement[asking->settled] = assumed;
	found = Z3_solver_check_assumptions(asking->z3, asking->solver, asking->settled + (assumed != NULL), asking->settlement);
	asking->spent = spent(asking);
	if (found == Z3_L_UNDEF || Z3_get_error_code(asking->z3) != Z3_OK)
		return SIDE_UNDECIDED;
	if (found == Z3_L_FALSE)
		return SIDE_NONE;
	keep_model(asking);
	asking->settled += assumed != NULL;
	return asking->model ? SIDE_SOLVED : SIDE_UNDECIDED;
}

/* A bool that stands for this formula, so that it can be assumed. Said of the solver before it is first asked. */
static Z3_ast named(struct asking *asking, Z3_ast formula)
{
	Z3_ast name = ast_variable(&asking->encoder, "side", asking->names++, type_bool);

	say(asking, Z3_mk_iff(asking->z3, name, formula));
	return name;
}

static bool holds_in_model(struct asking *asking, Z3_ast formula)
{
	Z3_ast value;

	return Z3_model_eval(asking->z3, asking->model, formula, true, &value) &&
	       Z3_get_bool_value(asking->z3, value) == Z3_L_TRUE;
}

/* ---- choosing ---- */

/* A number that is to be chosen: its bits by name, and whether it is the usual one. */
struct choice {
	struct symbol symbol;
	Z3_ast bits[64], usual; /* usual NULL: there is none */
};

static void choice_begin(struct asking *asking, struct choice *choice, struct symbol symbol, struct value usual)
{
	struct encoder *encoder = &asking->encoder;
	unsigned width = symbol.type.bits;

	choice->symbol = symbol;
	choice->usual = NULL;
	for (unsigned i = 0; i < width; i++)
		choice->bits[i] = named(
			asking, ast_equal(encoder, Z3_mk_extract(asking->z3, i, i, symbol.bits), ast_number(encoder, 1, 1)));
	if (usual.known)
		choice->usual = named(asking, ast_equal(encoder, symbol.bits, ast_number(encoder, usual.bits, width)));
}

/* Settles it for what can be assumed without asking, where the model says so. */
static enum side_answer prefer(struct asking *asking, Z3_ast wanted)
{
	if (!holds_in_model(asking, wanted))
		return ask(asking, wanted);
	if (asking->settled == SETTLED)
		return SIDE_UNDECIDED;
	asking->settlement[asking->settled++] = wanted;
	return SIDE_SOLVED;
}

static enum side_answer choose(struct asking *asking, const struct choice *choice)
{
	enum side_answer answer = choice->usual ? prefer(asking, choice->usual) : SIDE_NONE;

	for (unsigned i = choice->symbol.type.bits;
	     answer != SIDE_UNDECIDED && !(choice->usual && answer == SIDE_SOLVED) && i-- > 0;) {
		enum side_answer zero = prefer(asking, Z3_mk_not(asking->z3, choice->bits[i]));

		/* the model has a one there, and nothing else is possible */
		if (zero == SIDE_NONE && asking->settled < SETTLED)
			asking->settlement[asking->settled++] = choice->bits[i];
		if (zero == SIDE_UNDECIDED)
			return SIDE_UNDECIDED;
	}
	return answer == SIDE_UNDECIDED ? SIDE_UNDECIDED : SIDE_SOLVED;
}

static uint64_t in_model(struct asking *asking, Z3_ast bits, struct int_type type)
{
	uint64_t number = 0;
	Z3_ast value;

	if (Z3_model_eval(asking->z3, asking->model, bits, true, &value))
		ast_constant(&asking->encoder, value, &number);
	return int_truncate(number, type);
}

/* What may be chosen, in the order in which it is: arguments, then memory. */
struct choices {
	unsigned count;
	const struct leaf *leaves[SPEC_ARGS + SIDE_NUMBERS];
	struct choice list[SPEC_ARGS + SIDE_NUMBERS];
};

static const struct leaf *leaf_of_arg(struct asking *asking, unsigned arg)
{
	for (size_t i = 0; i < asking->encoder.leaf_count; i++) {
		const struct leaf *leaf = &asking->encoder.leaves[i];

		if (leaf->kind == LEAF_NAME && leaf->name->kind == NAME_ARG && leaf->name->index == arg && leaf->symbol.type.bits)
			return leaf;
	}
	return NULL;
}

static void add_choice(struct asking *asking, struct choices *choices, const struct leaf *leaf, struct value usual)
{
	choices->leaves[choices->count] = leaf;
	choice_begin(asking, &choices->list[choices->count++], leaf->symbol, usual);
}

/* False: more is read of memory than can be said. */
static bool find_choices(struct asking *asking, struct choices *choices)
{
	const struct side_question *question = asking->question;

	choices->count = 0;
	for (unsigned a = 0; a < question->rule->entry->arg_count; a++) {
		const struct leaf *leaf = leaf_of_arg(asking, a);

		if (leaf && !question->args[a].fixed)
			add_choice(asking, choices, leaf, question->args[a].usual);
	}
	for (size_t i = 0; i < asking->encoder.leaf_count; i++) {
		const struct leaf *leaf = &asking->encoder.leaves[i];

		if (leaf->kind != LEAF_MEMORY || leaf->buffer >= SPEC_BUFFERS || !question->chosen[leaf->buffer])
			continue;
		if (choices->count == SPEC_ARGS + SIDE_NUMBERS)
			return false;
		add_choice(asking, choices, leaf, value_unknown());
	}
	return true;
}

static void read_values(struct asking *asking, const struct choices *choices, struct side_values *values)
{
	memset(values, 0, sizeof(*values));
	for (unsigned i = 0; i < choices->count; i++) {
		const struct leaf *leaf = choices->leaves[i];
		uint64_t bits = in_model(asking, leaf->symbol.bits, leaf->symbol.type);

		if (leaf->kind == LEAF_NAME) {
			values->has[leaf->name->index] = true;
			values->args[leaf->name->index] = bits;
		} else if (values->number_count < SIDE_NUMBERS) {
			values->numbers[values->number_count++] =
				(struct side_number){ leaf->buffer, leaf->bytes, in_model(asking, leaf->key[0], type_u64), bits };
		}
	}
}

static enum side_answer solve(struct asking *asking, struct side_values *values)
{
	const struct side_question *question = asking->question;
	struct choices *choices = xcalloc(1, sizeof(*choices));
	enum side_answer answer = SIDE_UNDECIDED;

	say(asking, goal(asking));
	if (say_what_is_known(asking))
		answer = ask(asking, NULL);
	if (answer == SIDE_SOLVED && question->answered) {
		say(asking, kept(asking));
		answer = say_what_is_known(asking) ? ask(asking, NULL) : SIDE_UNDECIDED;
	}
	if (answer == SIDE_SOLVED)
		answer = find_choices(asking, choices) ? ask(asking, NULL) : SIDE_UNDECIDED;
	for (unsigned i = 0; answer == SIDE_SOLVED && i < choices->count; i++)
		answer = choose(asking, &choices->list[i]);
	if (answer == SIDE_SOLVED)
		read_values(asking, choices, values);
	free(choices);
	return answer;
}

/* A mistake of ours is seen in what z3 answers; it must not end the program. */
static void keep_quiet(Z3_context z3, Z3_error_code code)
{
	(void)z3;
	(void)code;
}

static enum side_answer solve_alone(const struct side_question *question, struct side_values *values)
{
	Z3_config config = Z3_mk_config();
	struct asking *asking = xcalloc(1, sizeof(*asking));
	enum side_answer answer;

	asking->question = question;
	asking->z3 = Z3_mk_context(config);
	Z3_set_error_handler(asking->z3, keep_quiet);
	encoder_init(&asking->encoder, asking->z3, question->spec->convention.word);
	asking->solver = new_solver(asking);
	answer = solve(asking, values);
	if (asking->model)
		Z3_model_dec_ref(asking->z3, asking->model);
	Z3_solver_dec_ref(asking->z3, asking->solver);
	encoder_free(&asking->encoder);
	Z3_del_context(asking->z3);
	Z3_del_config(config);
	free(asking);
	return answer;
}

/* ---- what was asked before ---- */

/* A plan is walked more than once, and by several; the answers are few. */
struct memory {
	uint64_t stamp;
	enum side_answer answer;
	struct side_values values;
};

static struct {
	pthread_mutex_t lock;
	size_t count;
	struct memory *list;
} memories = { .lock = PTHREAD_MUTEX_INITIALIZER };

static enum side_answer solve_once(const struct side_question *question, struct side_values *values)
{
	struct memory *found = NULL;
	enum side_answer answer;

	pthread_mutex_lock(&memories.lock);
	for (size_t i = 0; i < memories.count && !found; i++)
		found = memories.list[i].stamp == question->stamp ? &memories.list[i] : NULL;
	if (!found) {
		memories.list = xrealloc(memories.list, (memories.count + 1) * sizeof(*memories.list));
		found = &memories.list[memories.count++];
		*found = (struct memory){ .stamp = question->stamp };
		found->answer = solve_alone(question, &found->values);
	}
	*values = found->values;
	answer = found->answer;
	pthread_mutex_unlock(&memories.lock);
	return answer;
}

const struct side_solver *prove_sides(void)
{
	static const struct side_solver solver = { solve_once };

	return &solver;
}
