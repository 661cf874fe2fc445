/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * header_stub.c - one call as an inline function: a local variable in every register that the call takes, gives or changes.
 *
 * Registers that the specification does not keep are outputs or clobbers, so that the compiler keeps nothing in them.
 */
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "doc/header_parts.h"

struct bound {
	const char *reg;
	const char *input; /* what goes in; NULL: nothing */
	bool output; /* it is read, or other than before */
};

struct stub {
	struct header *header;
	const struct gate_stub *gate;
	const struct entry *entry;
	size_t count, stack_words;
	struct bound bound[STUB_REGISTERS];
	const char *stack[SPEC_ARGS]; /* words in the order in which the callee finds them */
	const char *problem; /* why there can be no function; NULL: nothing is in the way */
};

static const struct convention *convention_of(const struct stub *stub)
{
	return &stub->header->spec->convention;
}

static bool names_register(const struct gate_stub *gate, const char *name)
{
	for (size_t i = 0; name && i < gate->register_count; i++)
		if (!strcmp(gate->registers[i], name))
			return true;
	return false;
}

static bool keeps(const struct stub *stub, const char *reg)
{
	const struct convention *convention = convention_of(stub);
	const struct preserved *own = stub->entry->preserved;
	const char *const *names = own ? own->names : convention->preserved;
	size_t count = own ? own->count : convention->preserved_count;
	bool all_but = own ? own->all_but : convention->preserve_all_but;

	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], reg))
			return !all_but;
	return all_but;
}

static struct bound *bind(struct stub *stub, const char *reg)
{
	for (size_t i = 0; i < stub->count; i++)
		if (!strcmp(stub->bound[i].reg, reg))
			return &stub->bound[i];
	stub->bound[stub->count].reg = reg;
	return &stub->bound[stub->count++];
}

/* ---- selector and arguments ---- */

static bool same_place(const struct place *a, const struct place *b)
{
	return a->kind == b->kind && a->kind == PLACE_REGISTER && a->reg && b->reg && !strcmp(a->reg, b->reg);
}

/* The argument in the place of this part; NULL: none. */
static const struct arg *arg_at(const struct entry *entry, const struct place *place)
{
	for (size_t i = 0; i < entry->arg_count; i++)
		if (same_place(&entry->args[i].place, place))
			return &entry->args[i];
	return NULL;
}

static bool is_selector(const struct stub *stub, const struct arg *arg)
{
	const struct convention *convention = convention_of(stub);

	for (size_t i = 0; i < convention->selector_count; i++)
		if (same_place(&convention->selector[i], &arg->place))
			return true;
	return false;
}

/*
 * A part of the selector that may be anything is no call of its own; one that an earlier call gave is said by the caller. What the caller
 * is like is nothing that it passes.
 */
static bool is_parameter(const struct stub *stub, const struct arg *arg)
{
	return arg->role != ROLE_CALLER && (!is_selector(stub, arg) || arg->handle);
}

static const char *arg_name(const struct stub *stub, const struct arg *arg)
{
	const char *name = c_word(stub->header->arena, arg->name);

	for (size_t i = 0; i < stub->gate->given_count; i++)
		if (!strcmp(stub->gate->given[i], name))
			return arena_printf(stub->header->arena, "%s_", name);
	return name;
}

static const char *word_type(const struct stub *stub)
{
	return stub->gate->word == 32 ? "uint32_t" : "uint64_t";
}

/* The number of a word that is argument, constant, or nothing. */
static const char *part_value(const struct stub *stub, unsigned part)
{
	const struct arg *arg = arg_at(stub->entry, &convention_of(stub)->selector[part]);
	struct arena *arena = stub->header->arena;

	if (stub->entry->selector_known & (1u << part))
		return arena_printf(arena, "0x%" PRIx64, stub->entry->selector[part]);
	if (arg && arg->handle)
		return arg_name(stub, arg);
	return arg && arg->has_nominal ? arena_printf(arena, "0x%" PRIx64, arg->nominal) : arg ? NULL : "0";
}

static void bind_selector(struct stub *stub)
{
	const struct convention *convention = convention_of(stub);

	for (unsigned i = 0; i < convention->selector_count; i++) {
		const char *value = part_value(stub, i);

		if (!value) {
			stub->problem = "it says what unknown calls do";
			return;
		}
		if (stub->gate->only && !strcmp(convention->selector[i].reg, stub->gate->only) &&
		    (!(stub->entry->selector_known & (1u << i)) || stub->entry->selector[i] != stub->gate->only_value))
			stub->problem = "it is reached in another way than by a call";
		if (names_register(stub->gate, convention->selector[i].reg))
			bind(stub, convention->selector[i].reg)->input = value;
		else if (!stub->gate->target)
			stub->problem = "its selector is in no register that C can name";
	}
}

static bool is_pointer(const struct arg *arg)
{
	return arg->role == ROLE_BUFFER;
}

/* A signed number fills its register with its sign. */
static const char *arg_value(const struct stub *stub, const struct arg *arg)
{
	struct arena *arena = stub->header->arena;
	const char *name = arg_name(stub, arg), *word = word_type(stub);

	if (is_pointer(arg))
		return arena_printf(arena, "(%s)(uintptr_t)%s", word, name);
	if (arg->type->base.is_signed)
		return arena_printf(arena, "(%s)(%s)%s", word, stub->gate->word == 32 ? "int32_t" : "int64_t", name);
	return arena_printf(arena, "(%s)%s", word, name);
}

static void bind_stack(struct stub *stub, const struct arg *arg)
{
	unsigned bytes = stub->gate->word / 8, word = arg->place.offset / bytes;

	if (!stub->gate->push || !word || arg->place.offset % bytes || word > SPEC_ARGS) {
		stub->problem = "an argument is where C puts none";
		return;
	}
	stub->stack[word - 1] = arg_value(stub, arg);
	if (stub->stack_words < word)
		stub->stack_words = word;
}

static void bind_args(struct stub *stub)
{
	for (size_t i = 0; i < stub->entry->arg_count; i++) {
		const struct arg *arg = &stub->entry->args[i];

		if (is_selector(stub, arg) || arg->role == ROLE_CALLER)
			continue;
		if (arg->place.kind == PLACE_STACK)
			bind_stack(stub, arg);
		else if (arg->place.kind == PLACE_REGISTER && names_register(stub->gate, arg->place.reg))
			bind(stub, arg->place.reg)->input = arg_value(stub, arg);
		else
			stub->problem = "an argument is where C puts none";
	}
	for (size_t i = 0; i < stub->stack_words; i++)
		if (!stub->stack[i])
			stub->stack[i] = "0";
}

/* ---- results ---- */

static bool is_readable(const struct stub *stub, const struct result *result)
{
	return result->place.kind == PLACE_REGISTER && names_register(stub->gate, result->place.reg);
}

static void bind_outputs(struct stub *stub)
{
	for (size_t i = 0; i < stub->entry->result_count; i++)
		if (is_readable(stub, &stub->entry->results[i]))
			bind(stub, stub->entry->results[i].place.reg)->output = true;
	for (size_t i = 0; i < stub->count; i++)
		stub->bound[i].output |= !keeps(stub, stub->bound[i].reg);
}

static size_t readable_results(const struct stub *stub)
{
	size_t count = 0;

	for (size_t i = 0; i < stub->entry->result_count; i++)
		count += is_readable(stub, &stub->entry->results[i]);
	return count;
}

static bool as_usual(const struct stub *stub)
{
	const struct convention *convention = convention_of(stub);

	if (stub->entry->result_count != convention->result_count || readable_results(stub) != convention->result_count)
		return false;
	for (size_t i = 0; i < convention->result_count; i++) {
		const struct result *own = &stub->entry->results[i], *usual = &convention->results[i];

		if (strcmp(own->name, usual->name) || own->type->base.bits != usual->type->base.bits ||
		    own->type->base.is_signed != usual->type->base.is_signed)
			return false;
	}
	return true;
}

static void write_results(const struct header *header, const char *name, const struct result *results, size_t count,
			  const struct stub *stub)
{
	fprintf(header->out, "struct %s {\n", name);
	for (size_t i = 0; i < count; i++)
		if (!stub || is_readable(stub, &results[i]))
			fprintf(header->out, "\t%s %s;\n", c_type(results[i].type->base), c_word(header->arena, results[i].name));
	fputs("};\n\n", header->out);
}

void header_results(struct header *header)
{
	const struct convention *convention = &header->spec->convention;

	if (convention->result_count > 1)
		write_results(header, c_name(header, NULL, "result"), convention->results, convention->result_count, NULL);
}

/* The type that the function returns; writes the structure, where it is none that all calls have. */
static const char *result_type(const struct stub *stub)
{
	struct header *header = stub->header;
	const struct entry *entry = stub->entry;
	const char *name;

	if (!readable_results(stub))
		return "void";
	if (readable_results(stub) == 1)
		for (size_t i = 0; i < entry->result_count; i++)
			if (is_readable(stub, &entry->results[i]))
				return c_type(entry->results[i].type->base);
	if (as_usual(stub))
		return arena_printf(header->arena, "struct %s", c_name(header, NULL, "result"));
	name = arena_printf(header->arena, "%s_result", c_name(header, entry->chapter, entry->name));
	write_results(header, name, entry->results, entry->result_count, stub);
	return arena_printf(header->arena, "struct %s", name);
}

/* ---- the text ---- */

static const char *param_type(const struct stub *stub, const struct arg *arg)
{
	struct header *header = stub->header;
	const char *inner, *qualifier = arg->direction == DIRECTION_IN ? "const " : "";

	if (!is_pointer(arg))
		return arena_printf(header->arena, "%s ", c_type(arg->type->base));
	inner = arg->of ? struct_name(header, stub->entry->chapter, arg->of) : NULL;
	if (!inner)
		inner = arg->of && !arg->of->member_count ? c_type(arg->of->base) : "void";
	return arena_printf(header->arena, "%s%s *", qualifier, inner);
}

static void write_params(const struct stub *stub)
{
	FILE *out = stub->header->out;
	const char *comma = "";

	for (size_t i = 0; i < stub->gate->given_count; i++, comma = ", ")
		fprintf(out, "%s%s %s", comma, word_type(stub), stub->gate->given[i]);
	for (size_t i = 0; i < stub->entry->arg_count; i++) {
		const struct arg *arg = &stub->entry->args[i];

		if (!is_parameter(stub, arg))
			continue;
		fprintf(out, "%s%s%s", comma, param_type(stub, arg), arg_name(stub, arg));
		comma = ", ";
	}
	fputs(*comma ? ")" : "void)", out);
}

/* What `target` speaks of, and the words that go on the stack. */
static void write_frame(const struct stub *stub)
{
	const struct convention *convention = convention_of(stub);
	FILE *out = stub->header->out;
	const char *word = word_type(stub);

	if (!stub->gate->target)
		return;
	for (unsigned i = 0; i < convention->selector_count; i++)
		if (strstr(stub->gate->target, convention->selector[i].reg))
			fprintf(out, "\tconst %s %s = %s;\n", word, convention->selector[i].reg, part_value(stub, i));
	fprintf(out, "\tconst %s frame[] = { (%s)(%s)", word, word, stub->gate->target);
	for (size_t i = 0; i < stub->stack_words; i++)
		fprintf(out, ", %s", stub->stack[i]);
	fputs(" };\n", out);
}

static void write_with(FILE *out, const char *text, const char *place, uint64_t number)
{
	const char *at = strstr(text, place);

	if (at)
		fprintf(out, "%.*s%" PRIu64 "%s", (int)(at - text), text, number, at + strlen(place));
	else
		fputs(text, out);
}

static void write_instructions(const struct stub *stub)
{
	unsigned bytes = stub->gate->word / 8;
	FILE *out = stub->header->out;

	fputs("\t__asm__ __volatile__(\"", out);
	for (size_t i = stub->stack_words; i > 0; i--) {
		write_with(out, stub->gate->push, "{offset}", i * bytes);
		fputs("\\n\\t", out);
	}
	fputs(stub->gate->call, out);
	if (stub->stack_words) {
		fputs("\\n\\t", out);
		write_with(out, stub->gate->pop, "{bytes}", stub->stack_words * bytes);
	}
	fputs("\"\n", out);
}

static void write_operands(const struct stub *stub)
{
	FILE *out = stub->header->out;
	const char *comma = "";

	fputs("\t\t: ", out);
	for (size_t i = 0; i < stub->count; i++) {
		if (!stub->bound[i].output)
			continue;
		fprintf(out, "%s\"%cr\"(r_%s)", comma, stub->bound[i].input ? '+' : '=', stub->bound[i].reg);
		comma = ", ";
	}
	fputs("\n\t\t: ", out);
	comma = "";
	for (size_t i = 0; i < stub->count; i++) {
		if (stub->bound[i].output)
			continue;
		fprintf(out, "%s\"r\"(r_%s)", comma, stub->bound[i].reg);
		comma = ", ";
	}
	if (stub->gate->target)
		fprintf(out, "%s[frame] \"r\"(frame)", comma);
	fputs("\n\t\t: \"memory\"", out);
	for (size_t i = 0; i < stub->gate->clobber_count; i++)
		fprintf(out, ", \"%s\"", stub->gate->clobbers[i]);
}

static bool is_bound(const struct stub *stub, const char *reg)
{
	for (size_t i = 0; i < stub->count; i++)
		if (!strcmp(stub->bound[i].reg, reg))
			return true;
	return false;
}

static void write_clobbers(const struct stub *stub)
{
	for (size_t i = 0; i < stub->gate->register_count; i++) {
		const char *reg = stub->gate->registers[i];

		if (!is_bound(stub, reg) && !keeps(stub, reg))
			fprintf(stub->header->out, ", \"%s\"", reg);
	}
	fputs(");\n", stub->header->out);
}

static void write_return(const struct stub *stub, const char *type)
{
	const struct entry *entry = stub->entry;
	FILE *out = stub->header->out;
	bool one = readable_results(stub) == 1;

	if (!readable_results(stub))
		return;
	for (size_t i = 0; i < entry->result_count; i++) {
		const struct result *result = &entry->results[i];

		if (!is_readable(stub, result))
			continue;
		if (one)
			fprintf(out, "\treturn (%s)r_%s;\n", type, result->place.reg);
		else
			fprintf(out, "\tresult.%s = (%s)r_%s;\n", c_word(stub->header->arena, result->name),
				c_type(result->type->base), result->place.reg);
	}
	fputs(one ? "" : "\treturn result;\n", out);
}

static void write_body(const struct stub *stub, const char *type)
{
	FILE *out = stub->header->out;

	fputs("{\n", out);
	if (readable_results(stub) > 1)
		fprintf(out, "\t%s result;\n", type);
	write_frame(stub);
	for (size_t i = 0; i < stub->count; i++) {
		fprintf(out, "\tregister %s r_%s __asm__(\"%s\")", word_type(stub), stub->bound[i].reg, stub->bound[i].reg);
		if (stub->bound[i].input)
			fprintf(out, " = %s", stub->bound[i].input);
		fputs(";\n", out);
	}
	fputs("\n", out);
	write_instructions(stub);
	write_operands(stub);
	write_clobbers(stub);
	write_return(stub, type);
	fputs("}\n\n", out);
}

static void write_comment(const struct stub *stub)
{
	const struct entry *entry = stub->entry;
	FILE *out = stub->header->out;

	fprintf(out, "/* %s%s%s, %s%s */\n", entry->chapter->name, entry->title ? ": " : ".",
		entry->title ? entry->title : entry->name, entry->cite ? entry->cite : "",
		entry->outcomes & (OUTCOME_RETURNS | OUTCOME_BLOCKS) ? "" : "; does not come back");
	for (size_t i = 0; i < entry->result_count; i++)
		if (!is_readable(stub, &entry->results[i]))
			fprintf(out, "/* %s is in %s, which is no register of C's, and is not returned. */\n",
				entry->results[i].name, entry->results[i].place.reg ? entry->results[i].place.reg : "memory");
}

void header_call(struct header *header, const struct gate_stub *gate, const struct entry *entry)
{
	struct stub stub = { .header = header, .gate = gate, .entry = entry };
	const char *type;

	if (entry->outcomes & OUTCOME_LANDS && !(entry->outcomes & (OUTCOME_RETURNS | OUTCOME_BLOCKS)))
		stub.problem = "it comes out elsewhere";
	if (!stub.problem)
		bind_selector(&stub);
	if (!stub.problem)
		bind_args(&stub);
	if (stub.problem) {
		fprintf(header->out, "/* %s.%s has no function: %s. */\n\n", entry->chapter->name, entry->name, stub.problem);
		return;
	}
	bind_outputs(&stub);
	write_comment(&stub);
	type = result_type(&stub);
	fprintf(header->out, "static __inline__ %s %s(", type, c_name(header, entry->chapter, entry->name));
	write_params(&stub);
	fputs("\n", header->out);
	write_body(&stub, type);
}
