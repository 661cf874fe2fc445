/* SPDX-License-Identifier: BSD-2-Clause */
#include "prove/witness.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- a model as a world --- */

static uint64_t model_bits(struct proof *proof, Z3_model model, Z3_ast ast)
{
	uint64_t bits = 0;
	Z3_ast found;

	ast = proof_in_plain_world(proof, proof_resolved(proof, ast));
	if (!ast_constant(&proof->encoder, ast, &bits) && Z3_model_eval(proof->z3, model, ast, true, &found))
		ast_constant(&proof->encoder, found, &bits);
	return bits;
}

static void read_row(struct witness *witness, struct proof *proof, Z3_model model, const struct leaf *leaf)
{
	struct witness_row *row = &witness->rows[witness->count++];

	row->leaf = leaf;
	for (unsigned i = 0; i < leaf->keys; i++)
		row->key[i] = value_of(model_bits(proof, model, leaf->key[i]), leaf->key_type[i]);
	row->value = value_of(model_bits(proof, model, leaf->symbol.bits), leaf->symbol.type);
	row->value.known = model_bits(proof, model, leaf->symbol.known);
}

/* --- what the evaluator asks for --- */

static bool is_hidden(const struct witness *witness, const struct leaf *leaf)
{
	return (witness->blind || witness->status) && leaf_is_seen(leaf);
}

static struct value told(const struct witness *witness, const struct name *name)
{
	if (!witness->status)
		return value_unknown();
	if (name->kind == NAME_OUTCOME && name->index != OUT_LANDED)
		return value_bool(name->index == OUT_RETURNED);
	if (name->kind == NAME_RESULT && (int)name->index == witness->proof->spec->convention.status)
		return value_of(*witness->status, name->type);
	return value_unknown();
}

static bool same_name(const struct name *a, const struct name *b)
{
	return a->kind == b->kind && a->index == b->index && a->when == b->when && !strcmp(a->text, b->text);
}

static struct value read_name(void *context, const struct name *name, const struct value keys[2])
{
	const struct witness *witness = context;

	for (size_t i = 0; i < witness->count; i++) {
		const struct witness_row *row = &witness->rows[i];
		bool found = row->leaf->kind == LEAF_NAME && same_name(row->leaf->name, name);

		for (unsigned k = 0; found && k < row->leaf->keys; k++)
			found = row->key[k].bits == keys[k].bits;
		if (found)
			return is_hidden(witness, row->leaf) ? told(witness, name) : row->value;
	}
	return value_unknown();
}

static uint8_t byte_at(const struct witness *witness, unsigned buffer, uint64_t offset, bool old)
{
	for (size_t i = 0; i < witness->count; i++) {
		const struct witness_row *row = &witness->rows[i];
		uint64_t distance = offset - row->key[0].bits;
		bool fits = row->leaf->kind == LEAF_MEMORY && row->leaf->buffer == buffer && row->leaf->old == old &&
			    row->value.known && distance < row->leaf->bytes;

		if (fits)
			return (uint8_t)(row->value.bits >> 8 * (witness->proof->spec->convention.big_endian
									 ? row->leaf->bytes - 1 - distance
									 : distance));
	}
	return witness->fill[old];
}

static struct value load(void *context, unsigned buffer, uint64_t offset, unsigned size, bool old)
{
	const struct witness *witness = context;
	bool big = witness->proof->spec->convention.big_endian;
	uint64_t bits = 0;

	if (buffer >= SPEC_BUFFERS || !witness->captured[buffer] || offset > witness->size[buffer] ||
	    witness->size[buffer] - offset < size)
		return value_unknown();
	if (!old && (witness->blind || witness->status || !witness->has_after))
		return value_unknown();
	for (unsigned i = 0; i < size; i++)
		bits = bits << 8 | byte_at(witness, buffer, offset + (big ? i : size - 1 - i), old);
	return value_of(bits, (struct int_type){ (uint8_t)(8 * size), false });
}

static struct value is_hart(void *context, uint64_t hart)
{
	return value_bool(hart < 64 && ((const struct witness *)context)->harts >> hart & 1);
}

static struct value accessible(void *context, uint64_t high, uint64_t low, uint64_t length)
{
	const struct witness *witness = context;
	unsigned word = witness->proof->spec->convention.word;
	uint64_t first = word >= 64 ? low : high << word | low, last = first + (length - 1);

	if (!length)
		return value_unknown();
	if ((word >= 64 ? high : high >> (64 - word)) || last < first)
		return value_bool(false);
	if (first >= witness->own_low && last <= witness->own_high)
		return value_bool(true);
	return first < witness->map_low || last > witness->map_high ? value_bool(false) : value_unknown();
}

static struct value present(void *context, unsigned chapter)
{
	return value_bool(chapter < ENCODE_CHAPTERS && ((const struct witness *)context)->present[chapter]);
}

void witness_read(struct witness *witness, struct proof *proof, Z3_model model)
{
	const struct machine *machine = &proof->encoder.machine;

	memset(witness, 0, sizeof(*witness));
	witness->proof = proof;
	witness->env = (struct expr_env){ .context = witness,
					  .read = read_name,
					  .load = load,
					  .is_hart = is_hart,
					  .accessible = accessible,
					  .present = present };
	witness->rows = arena_new_array(proof->arena, struct witness_row, proof->encoder.leaf_count + 1);
	for (size_t i = 0; i < proof->encoder.leaf_count; i++)
		read_row(witness, proof, model, &proof->encoder.leaves[i]);
	for (unsigned i = 0; i < SPEC_BUFFERS; i++) {
		witness->captured[i] = model_bits(proof, model, proof->captured[i]);
		witness->size[i] = model_bits(proof, model, proof->size[i]);
	}
	for (unsigned i = 0; i < ENCODE_CHAPTERS; i++)
		witness->present[i] = machine->present[i] && model_bits(proof, model, machine->present[i]);
	witness->harts = model_bits(proof, model, machine->harts);
	witness->own_low = model_bits(proof, model, machine->own_low);
	witness->own_high = model_bits(proof, model, machine->own_high);
	witness->map_low = model_bits(proof, model, machine->map_low);
	witness->map_high = model_bits(proof, model, machine->map_high);
	witness->has_after = model_bits(proof, model, proof->returns);
}

struct value witness_eval(struct witness *witness, const struct expr *expr)
{
	return expr ? expr_eval(expr, &witness->env) : value_bool(true);
}

bool witness_applies(struct witness *witness, const struct rule *rule)
{
	return value_is_true(witness_eval(witness, rule->when));
}

bool witness_breaks(struct witness *witness, const struct rule *rule)
{
	struct value demand = witness_eval(witness, rule->must);

	if (!rule->must || !witness_applies(witness, rule))
		return false;
	return rule->strength == MUST_NOT ? value_is_true(demand) : value_is_false(demand);
}

/* --- as text --- */

static const char *enum_name(const struct type *type, uint64_t bits)
{
	for (size_t i = 0; type && i < type->enum_count; i++) {
		if (int_truncate(type->enums[i].value, type->base) == bits)
			return type->enums[i].name;
	}
	return NULL;
}

static void print_value(FILE *out, struct value value, const struct type *type)
{
	const char *name = value.known ? enum_name(type, value.bits) : NULL;

	if (!value.known)
		fprintf(out, "unknown");
	else if (name)
		fprintf(out, "%s", name);
	else if (value.type.is_signed || value.bits < 10)
		fprintf(out, "%" PRId64, (int64_t)value.bits);
	else
		fprintf(out, "0x%" PRIx64, value.bits);
}

static const struct witness_row *row_of_arg(const struct witness *witness, unsigned arg)
{
	for (size_t i = 0; i < witness->count; i++) {
		const struct leaf *leaf = witness->rows[i].leaf;

		if (leaf->kind == LEAF_NAME && leaf->name->kind == NAME_ARG && leaf->name->index == arg)
			return &witness->rows[i];
	}
	return NULL;
}

static void print_arguments(FILE *out, const struct witness *witness)
{
	const struct entry *entry = witness->proof->entry;
	bool comma = false;

	for (unsigned i = 0; i < entry->arg_count; i++) {
		const struct witness_row *row = row_of_arg(witness, i);

		if (!row)
			continue;
		fprintf(out, "%s%s = ", comma ? ", " : "", entry->args[i].name);
		print_value(out, row->value, entry->args[i].type);
		comma = true;
	}
}

/* What else was given. A loop over all harts asks for more than anybody wants to read. */
#define TOLD 4u

static bool is_of_a_loop(const struct leaf *leaf)
{
	return leaf->keys && leaf->term->arg[0]->op == TERM_LOOP;
}

static void print_circumstances(FILE *out, const struct witness *witness)
{
	unsigned told_so_far = 0;

	for (size_t i = 0; i < witness->count && told_so_far < TOLD; i++) {
		const struct witness_row *row = &witness->rows[i];
		const struct leaf *leaf = row->leaf;

		if (leaf->kind != LEAF_NAME || (leaf->name->kind != NAME_STATE && leaf->name->kind != NAME_CONTROL) ||
		    leaf_is_seen(leaf) || is_of_a_loop(leaf))
			continue;
		fprintf(out, "%s%s", told_so_far++ ? ", " : " with ", leaf->name->text);
		for (unsigned k = 0; k < leaf->keys; k++)
			fprintf(out, "[%" PRIu64 "]", row->key[k].bits);
		fprintf(out, " = ");
		print_value(out, row->value,
			    leaf->name->kind == NAME_STATE ? witness->proof->spec->states[leaf->name->index]->type : NULL);
	}
}

const char *witness_text(const struct witness *witness)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	const char *kept;

	if (!out)
		abort();
	fprintf(out, "%s(", witness->proof->entry->name);
	print_arguments(out, witness);
	fprintf(out, ")");
	print_circumstances(out, witness);
	fclose(out);
	kept = arena_strdup(witness->proof->arena, text);
	free(text);
	return kept;
}
