/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * proof_world.c - what may be true together: when a judge knows what he is asked for (judge/world.c), and how things hang together.
 *
 * First worlds in general, in which more is possible than in any real one; what is impossible there is impossible. Then one plain
 * world in which witnesses are looked for: they shall be calls that somebody can make.
 */
#include "prove/proof.h"

#include <stdlib.h>
#include <string.h>

/* In the order of enum outcome_name; the last one stands for every other end. */
#define OUTCOMES     7u
#define OUTCOME_BITS 3u

static const struct int_type outcome_type = { OUTCOME_BITS, false };

static Z3_ast ends_as(struct proof *proof, unsigned outcome)
{
	return ast_equal(&proof->encoder, proof->outcome, ast_number(&proof->encoder, outcome, OUTCOME_BITS));
}

/* --- what is seen --- */

bool leaf_is_seen(const struct leaf *leaf)
{
	if (leaf->kind == LEAF_MEMORY || leaf->kind == LEAF_RANGE)
		return !leaf->old;
	if (leaf->kind != LEAF_NAME)
		return false;
	switch (leaf->name->kind) {
	case NAME_RESULT:
	case NAME_OUTCOME:
	case NAME_TRAP:
	case NAME_LAND:
	case NAME_IPIS:
	case NAME_CONSOLE:
	case NAME_FIELD:
		return true;
	case NAME_CONTROL:
		return leaf->name->when > 0;
	case NAME_TIME:
		return leaf->name->index > 0;
	default:
		return false;
	}
}

bool term_is_given(const struct term *term)
{
	const struct leaf leaf = { .kind = term->op == TERM_READ ? LEAF_NAME : LEAF_MEMORY,
				   .name = term->name,
				   .old = term->old };
	bool memory = term->op == TERM_LOAD || (term->op == TERM_CALL && term->name);

	if ((term->op == TERM_READ || memory) && leaf_is_seen(&leaf))
		return false;
	for (unsigned i = 0; i < term->argc; i++) {
		if (!term_is_given(term->arg[i]))
			return false;
	}
	return true;
}

static Z3_ast has_landed(struct proof *proof)
{
	struct encoder *encoder = &proof->encoder;
	Z3_ast any = ast_not(encoder, ast_equal(encoder, proof->landings, ast_number(encoder, 0, 8)));

	return ast_or(encoder, any, ends_as(proof, OUT_LANDED));
}

/* That none landed is known where there was time to look, or where the caller itself should have. */
static Z3_ast knows_landed(struct proof *proof)
{
	struct encoder *encoder = &proof->encoder;
	Z3_ast known = ast_or(encoder, has_landed(proof), proof->later);

	return proof->entry->outcomes & OUTCOME_LANDS ? ast_or(encoder, known, proof->returns) : known;
}

static Z3_ast after(struct proof *proof)
{
	return ast_or(&proof->encoder, proof->returns,
		      ast_or(&proof->encoder, ends_as(proof, OUT_TRAPPED), ends_as(proof, OUT_LANDED)));
}

static Z3_ast land_known(struct proof *proof, const struct name *name)
{
	struct encoder *encoder = &proof->encoder;
	Z3_ast any = ast_not(encoder, ast_equal(encoder, proof->landings, ast_number(encoder, 0, 8)));

	if (name->index != LAND_COUNT)
		return any;
	return ast_and(encoder, knows_landed(proof), ast_or(encoder, any, ast_not(encoder, ends_as(proof, OUT_LANDED))));
}

static Z3_ast console_known(struct proof *proof, const struct leaf *leaf)
{
	struct encoder *encoder = &proof->encoder;

	if (!leaf->keys)
		return proof->console;
	for (size_t i = 0; i < encoder->leaf_count; i++) {
		const struct leaf *length = &encoder->leaves[i];

		if (length->kind == LEAF_NAME && length->name->kind == NAME_CONSOLE && !length->keys)
			return ast_and(encoder, proof->console,
				       Z3_mk_bvult(proof->z3, leaf->key[0], symbol_as(encoder, length->symbol, type_u64)));
	}
	return proof->console;
}

static Z3_ast memory_known(struct proof *proof, const struct leaf *leaf)
{
	struct encoder *encoder = &proof->encoder;
	Z3_ast size, known;

	if (proof->entry->is_structure || leaf->buffer >= SPEC_BUFFERS)
		return leaf->symbol.known;
	size = proof->size[leaf->buffer];
	known = ast_and(encoder, proof->captured[leaf->buffer],
			Z3_mk_bvuge(proof->z3, size, ast_number(encoder, leaf->bytes, 64)));
	known = ast_and(encoder, known,
			Z3_mk_bvule(proof->z3, leaf->key[0], Z3_mk_bvsub(proof->z3, size, ast_number(encoder, leaf->bytes, 64))));
	return leaf->old ? known : ast_and(encoder, known, after(proof));
}

static Z3_ast name_known(struct proof *proof, const struct leaf *leaf)
{
	struct encoder *encoder = &proof->encoder;

	switch (leaf->name->kind) {
	case NAME_RESULT:
		return proof->returns;
	case NAME_OUTCOME:
		return leaf->name->index == OUT_LANDED ? knows_landed(proof) : encoder->yes;
	case NAME_TRAP:
		return ends_as(proof, OUT_TRAPPED);
	case NAME_LAND:
		return land_known(proof, leaf->name);
	case NAME_IPIS:
		return ast_and(encoder, proof->later, encode_is_hart(encoder, leaf->key[0]));
	case NAME_CONSOLE:
		return console_known(proof, leaf);
	case NAME_CONTROL:
		return leaf->name->when == 0   ? encoder->yes
		       : leaf->name->when == 1 ? proof->returns
					       : ast_and(encoder, proof->returns, proof->later);
	case NAME_TIME:
		return leaf->name->index == 0 ? encoder->yes : proof->returns;
	case NAME_STATE:
		return leaf->symbol.known;
	default:
		return encoder->yes;
	}
}

static Z3_ast leaf_known(struct proof *proof, const struct leaf *leaf)
{
	switch (leaf->kind) {
	case LEAF_NAME:
		return name_known(proof, leaf);
	case LEAF_MEMORY:
		return memory_known(proof, leaf);
	default:
		return leaf->symbol.known;
	}
}

/* --- how things hang together --- */

static Z3_ast popcount(struct proof *proof, Z3_ast bits)
{
	Z3_ast sum = ast_number(&proof->encoder, 0, 64);

	for (unsigned i = 0; i < ENCODE_HARTS; i++)
		sum = Z3_mk_bvadd(proof->z3, sum, Z3_mk_zero_ext(proof->z3, 63, Z3_mk_extract(proof->z3, i, i, bits)));
	return sum;
}

static Z3_ast fact_law(struct proof *proof, const struct leaf *leaf)
{
	struct encoder *encoder = &proof->encoder;
	Z3_ast value = symbol_as(encoder, leaf->symbol, type_u64);

	switch (leaf->name->index) {
	case FACT_HARTS:
		return ast_and(encoder, Z3_mk_bvuge(proof->z3, value, popcount(proof, encoder->machine.harts)),
			       ast_not(encoder, ast_equal(encoder, value, ast_number(encoder, 0, 64))));
	case FACT_BOOT_HART:
	case FACT_SELF:
		return encode_is_hart(encoder, value);
	default:
		return encoder->yes;
	}
}

static Z3_ast leaf_law(struct proof *proof, const struct leaf *leaf)
{
	struct encoder *encoder = &proof->encoder;

	if (leaf->kind != LEAF_NAME)
		return encoder->yes;
	if (leaf->name->kind == NAME_FACT)
		return fact_law(proof, leaf);
	if (leaf->name->kind == NAME_OUTCOME)
		return Z3_mk_iff(proof->z3, symbol_as(encoder, leaf->symbol, type_bool),
				 leaf->name->index == OUT_LANDED ? has_landed(proof) : ends_as(proof, leaf->name->index));
	if (leaf->name->kind == NAME_LAND && leaf->name->index == LAND_COUNT)
		return ast_equal(encoder, symbol_as(encoder, leaf->symbol, type_u64),
				 Z3_mk_zero_ext(proof->z3, 56, proof->landings));
	return encoder->yes;
}

/* Shutdown, reset and so on are bits of entry->outcomes; `blocks` comes back in the end. */
static Z3_ast is_declared(struct proof *proof)
{
	static const struct {
		unsigned bits, outcome;
	} ways[] = {
		{ OUTCOME_RETURNS | OUTCOME_BLOCKS, OUT_RETURNED },
		{ OUTCOME_TRAPS, OUT_TRAPPED },
		{ OUTCOME_LANDS, OUT_LANDED },
		{ OUTCOME_STOPS, OUT_STOPPED },
		{ OUTCOME_SHUTDOWN, OUT_SHUTDOWN },
		{ OUTCOME_RESET, OUT_RESET },
	};
	Z3_ast declared = proof->encoder.no;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (proof->entry->outcomes & ways[i].bits)
			declared = ast_or(&proof->encoder, declared, ends_as(proof, ways[i].outcome));
	}
	return declared;
}

static void own_variables(struct proof *proof)
{
	struct encoder *encoder = &proof->encoder;

	proof->outcome = ast_variable(encoder, "outcome", 0, outcome_type);
	proof->landings = ast_variable(encoder, "landings", 0, (struct int_type){ 8, false });
	proof->later = proof->entry->settle_ns ? encoder->yes : encoder->no;
	proof->console = ast_variable(encoder, "console", 0, type_bool);
	for (unsigned i = 0; i < SPEC_BUFFERS; i++) {
		proof->captured[i] = ast_variable(encoder, "captured", i, type_bool);
		proof->size[i] = ast_variable(encoder, "size", i, type_u64);
	}
	proof->returns = ends_as(proof, OUT_RETURNED);
	proof->declared = is_declared(proof);
}

static Z3_ast machine_law(struct proof *proof)
{
	const struct machine *machine = &proof->encoder.machine;
	struct encoder *encoder = &proof->encoder;
	Z3_context z3 = proof->z3;
	Z3_ast law = Z3_mk_bvult(z3, proof->outcome, ast_number(encoder, OUTCOMES, OUTCOME_BITS));

	law = ast_and(encoder, law, Z3_mk_bvule(z3, machine->own_low, machine->own_high));
	law = ast_and(encoder, law, Z3_mk_bvule(z3, machine->map_low, machine->own_low));
	law = ast_and(encoder, law, Z3_mk_bvule(z3, machine->own_high, machine->map_high));
	for (size_t i = 0; i < proof->spec->chapter_count && i < ENCODE_CHAPTERS; i++) {
		const struct chapter *chapter = proof->spec->chapters[i];

		if (machine->present[i] && (chapter == proof->entry->chapter || !chapter->presence))
			law = ast_and(encoder, law, machine->present[i]);
	}
	return ast_and(encoder, law, ast_not(encoder, ast_equal(encoder, machine->harts, ast_number(encoder, 0, 64))));
}

void proof_state_law(struct proof *proof)
{
	struct encoder *encoder = &proof->encoder;
	Z3_ast law;
	size_t count;

	own_variables(proof);
	/* this may make leaves: greater hart ids */
	for (size_t i = 0; i < encoder->leaf_count; i++)
		leaf_known(proof, &encoder->leaves[i]);
	law = machine_law(proof);
	for (size_t i = 0; i < encoder->leaf_count; i++)
		law = ast_and(encoder, law, leaf_law(proof, &encoder->leaves[i]));
	count = encoder->leaf_count;
	proof->known_from = xcalloc(count + 1, sizeof(Z3_ast));
	proof->known_to = xcalloc(count + 1, sizeof(Z3_ast));
	for (size_t i = 0; i < count; i++) {
		proof->known_from[i] = encoder->leaves[i].symbol.known;
		proof->known_to[i] = leaf_known(proof, &encoder->leaves[i]);
	}
	proof->known_count = count;
	for (size_t i = 0; i < encoder->axiom_count; i++)
		law = ast_and(encoder, law, encoder->axioms[i]);
	proof->law = proof_resolved(proof, law);
	proof->plain_law = proof_in_plain_world(proof, proof->law);
}

Z3_ast proof_resolved(struct proof *proof, Z3_ast formula)
{
	return Z3_substitute(proof->z3, formula, (unsigned)proof->known_count, proof->known_from, proof->known_to);
}

/* --- nothing is seen --- */

static bool is_status(const struct proof *proof, const struct leaf *leaf)
{
	return leaf->kind == LEAF_NAME && leaf->name->kind == NAME_RESULT &&
	       (int)leaf->name->index == proof->spec->convention.status;
}

Z3_ast proof_blind(struct proof *proof, Z3_ast formula, const uint64_t *status)
{
	struct encoder *encoder = &proof->encoder;
	Z3_ast *from = xcalloc(2 * encoder->leaf_count + 1, sizeof(*from)),
	       *to = xcalloc(2 * encoder->leaf_count + 1, sizeof(*to));
	unsigned count = 0;

	for (size_t i = 0; i < encoder->leaf_count; i++) {
		const struct leaf *leaf = &encoder->leaves[i];
		bool outcome =
			status && leaf->kind == LEAF_NAME && leaf->name->kind == NAME_OUTCOME && leaf->name->index != OUT_LANDED;
		bool told = outcome || (status && is_status(proof, leaf));

		if (!leaf_is_seen(leaf))
			continue;
		from[count] = leaf->symbol.known;
		to[count++] = told ? encoder->yes : encoder->no;
		if (!told)
			continue;
		from[count] = leaf->symbol.bits;
		to[count++] =
			symbol_constant(encoder, outcome ? leaf->name->index == OUT_RETURNED : *status, leaf->symbol.type).bits;
	}
	formula = Z3_substitute(proof->z3, formula, count, from, to);
	free(from);
	free(to);
	return formula;
}

/* --- a plain world --- */

#define PLAIN_HARTS    4u
#define PLAIN_RAM      UINT64_C(0x80000000)
#define PLAIN_RAM_SIZE UINT64_C(0x08000000)
#define PLAIN_CLOCK    10000000u

static void version_numbers(const char *version, uint64_t *major, uint64_t *minor)
{
	char *end;

	*major = strtoull(version, &end, 10);
	*minor = *end == '.' ? strtoull(end + 1, NULL, 10) : 0;
}

bool proof_plain_fact(const struct proof *proof, unsigned fact, uint64_t *bits)
{
	const uint64_t facts[FACT_COUNT] = {
		[FACT_HARTS] = PLAIN_HARTS,
		[FACT_BOOT_HART] = 0,
		[FACT_SELF] = proof->entry->secondary,
		[FACT_RAM_BASE] = PLAIN_RAM,
		[FACT_RAM_SIZE] = PLAIN_RAM_SIZE,
		[FACT_CLOCK_HZ] = PLAIN_CLOCK,
	};

	*bits = facts[fact];
	return fact != FACT_CLAIMED_MAJOR && fact != FACT_CLAIMED_MINOR;
}

Z3_ast proof_in_plain_world(struct proof *proof, Z3_ast formula)
{
	struct encoder *encoder = &proof->encoder;
	struct machine *machine = &encoder->machine;
	Z3_ast *from = xcalloc(encoder->leaf_count + 8, sizeof(*from)), *to = xcalloc(encoder->leaf_count + 8, sizeof(*to));
	unsigned count = 0;
	const struct {
		Z3_ast variable;
		uint64_t bits;
	} fixed[] = {
		{ machine->harts, (1u << PLAIN_HARTS) - 1 },	       { machine->own_low, PLAIN_RAM + PLAIN_RAM_SIZE / 2 },
		{ machine->own_high, PLAIN_RAM + PLAIN_RAM_SIZE - 1 }, { machine->map_low, 0 },
		{ machine->map_high, PLAIN_RAM + PLAIN_RAM_SIZE - 1 },
	};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		from[count] = fixed[i].variable;
		to[count++] = ast_number(encoder, fixed[i].bits, 64);
	}
	for (size_t i = 0; i < encoder->leaf_count; i++) {
		const struct leaf *leaf = &encoder->leaves[i];
		uint64_t bits = 0;

		if (leaf->kind != LEAF_HART && (leaf->kind != LEAF_NAME || leaf->name->kind != NAME_FACT ||
						!proof_plain_fact(proof, leaf->name->index, &bits)))
			continue;
		from[count] = leaf->symbol.bits;
		to[count++] = symbol_constant(encoder, bits, leaf->symbol.type).bits;
	}
	formula = Z3_simplify(proof->z3, Z3_substitute(proof->z3, formula, count, from, to));
	free(from);
	free(to);
	return formula;
}

/* A state is one that its type names, and somebody knows it if it has a beginning. */
static Z3_ast plain_state(struct proof *proof, const struct leaf *leaf, bool reset)
{
	const struct state *state = proof->spec->states[leaf->name->index];
	struct encoder *encoder = &proof->encoder;
	Z3_ast law = encoder->no;

	for (size_t i = 0; i < state->type->enum_count; i++)
		law = ast_or(encoder, law,
			     ast_equal(encoder, leaf->symbol.bits,
				       symbol_constant(encoder, state->type->enums[i].value, leaf->symbol.type).bits));
	if (!state->type->enum_count)
		law = encoder->yes;
	if (reset && !state->init)
		return ast_not(encoder, leaf->symbol.known);
	return ast_and(encoder, ast_and(encoder, law, leaf->symbol.known), proof_plain_value(proof, leaf, reset));
}

/* Values that the plan is told not to try. A handle is not tried but produced, and may be any of them. */
static Z3_ast plain_argument(struct proof *proof, const struct leaf *leaf)
{
	const struct arg *arg = &proof->entry->args[leaf->name->index];
	struct encoder *encoder = &proof->encoder;

	if (!arg->type->except || arg->role == ROLE_HANDLE)
		return encoder->yes;
	return ast_not(encoder, encode_in(encoder, leaf->symbol, arg->type->except).bits);
}

static Z3_ast plain_claim(struct proof *proof, const struct leaf *leaf, int version)
{
	uint64_t numbers[2];

	version_numbers(proof->spec->versions[version], &numbers[0], &numbers[1]);
	return ast_equal(&proof->encoder, symbol_as(&proof->encoder, leaf->symbol, type_u64),
			 ast_number(&proof->encoder, numbers[leaf->name->index == FACT_CLAIMED_MINOR], 64));
}

Z3_ast proof_plain_law(struct proof *proof, int version, bool reset)
{
	struct encoder *encoder = &proof->encoder;
	Z3_ast law = ast_and(encoder, proof->law, proof->console);

	for (size_t i = 0; i < encoder->exact_count; i++)
		law = ast_and(encoder, law, proof_resolved(proof, encoder->exact[i]));
	for (size_t i = 0; i < encoder->leaf_count; i++) {
		const struct leaf *leaf = &encoder->leaves[i];

		if (leaf->kind == LEAF_MEMORY && leaf->old)
			law = ast_and(encoder, law, memory_known(proof, leaf));
		if (leaf->kind != LEAF_NAME)
			continue;
		if (leaf->name->kind == NAME_STATE)
			law = ast_and(encoder, law, plain_state(proof, leaf, reset));
		if (leaf->name->kind == NAME_ARG)
			law = ast_and(encoder, law, plain_argument(proof, leaf));
		if (leaf->name->kind == NAME_FACT &&
		    (leaf->name->index == FACT_CLAIMED_MAJOR || leaf->name->index == FACT_CLAIMED_MINOR))
			law = ast_and(encoder, law, plain_claim(proof, leaf, version));
	}
	return proof_in_plain_world(proof, law);
}
