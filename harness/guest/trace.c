/* SPDX-License-Identifier: BSD-2-Clause */
/* trace.c - reads QEMU's log (`exec`, `in_asm`, perhaps `cpu`) line by line. */
#include "guest/trace.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/arena.h"
#include "guest/trace_fold.h"

#define LINE_SIZE     512u /* of a line of the log; the rest of a longer one is dropped */
#define REGISTERS_MAX 256u
#define NAME_SIZE     16u
#define GATE_SIZE     16u /* the call returns within so many bytes behind it */
#define OTHERS_MAX    200000u /* instructions of other CPUs after which ours does not go on */

/* What stands at an address. */
struct code {
	uint64_t address;
	char *text;
	UT_hash_handle hh;
};

struct trace {
	uint64_t gate, limit;
	enum trace_state state;
	unsigned cpu; /* the one that is traced */
	bool ours; /* the lines that follow are about it */
	unsigned others; /* instructions of other CPUs since its last one */
	struct fold *fold;
	size_t cause; /* number of the thing kept that did what the next registers show; SIZE_MAX: it was folded */
	struct code *codes;
	/* registers, as dumped last */
	struct {
		char name[NAME_SIZE];
		uint64_t value;
	} registers[REGISTERS_MAX];
	size_t register_count, dumped;
	char line[LINE_SIZE];
	size_t used;
	struct arena *arena;
};

struct trace *trace_new(uint64_t gate, uint64_t limit)
{
	struct trace *trace = xcalloc(1, sizeof(*trace));

	trace->gate = gate;
	trace->limit = limit;
	trace->fold = fold_new();
	trace->cause = SIZE_MAX;
	trace->arena = arena_new();
	return trace;
}

void trace_free(struct trace *trace)
{
	if (!trace)
		return;
	HASH_CLEAR(hh, trace->codes);
	fold_free(trace->fold);
	arena_free(trace->arena);
	free(trace);
}

enum trace_state trace_state(const struct trace *trace)
{
	return trace->state;
}

uint64_t trace_count(const struct trace *trace)
{
	return fold_count(trace->fold);
}

/* ---- lines ---- */

static void begin_instruction(struct trace *trace, unsigned cpu, uint64_t pc)
{
	if (trace->state == TRACE_BEFORE && pc == trace->gate) {
		trace->state = TRACE_INSIDE;
		trace->cpu = cpu;
	}
	trace->ours = trace->state == TRACE_INSIDE && cpu == trace->cpu;
	if (trace->state == TRACE_INSIDE && !trace->ours && ++trace->others == OTHERS_MAX)
		trace->state = TRACE_STILL;
	if (!trace->ours)
		return;
	trace->others = 0;
	trace->dumped = 0;
	if (fold_count(trace->fold) && pc > trace->gate && pc - trace->gate < GATE_SIZE) {
		trace->state = TRACE_RETURNED;
		trace->cause = fold_last(trace->fold); /* the registers that follow are what the call left */
		return;
	}
	trace->cause = fold_last(trace->fold);
	fold_add(trace->fold, pc);
	if (trace->cause != SIZE_MAX && fold_size(trace->fold) <= trace->cause + 1)
		trace->cause = SIZE_MAX;
	if (fold_count(trace->fold) >= trace->limit)
		trace->state = TRACE_FULL;
}

/* "Trace 0: 0x7f8a4014bd40 [0000000000000000/0000000080000804/00209003/ff020201] name" */
static void take_execution(struct trace *trace, const char *line)
{
	unsigned cpu;
	uint64_t pc;

	if (sscanf(line, "Trace %u: %*s [%*[0-9a-fA-F]/%" SCNx64 "/", &cpu, &pc) == 2)
		begin_instruction(trace, cpu, pc);
}

/* "Stopped execution of TB chain before 0x7f8a4014bd40 [0000000080000804] name": what was logged last was not executed. */
static void take_stop(struct trace *trace, const char *line)
{
	uint64_t pc;

	if (trace->ours && sscanf(line, "Stopped execution of TB chain before %*s [%" SCNx64 "]", &pc) == 1)
		fold_take_back(trace->fold, pc);
}

/*
 * "0x0000000080000804:  344027f3          csrrs                   a5,mip,zero", "0x000cd4f3:  0f 06                    clts     ": the
 * bytes, up to two blanks, are left out, and blanks folded.
 */
static void take_code(struct trace *trace, const char *line)
{
	char *rest, text[LINE_SIZE];
	uint64_t address = strtoull(line, &rest, 16);
	struct code *code;
	size_t used = 0;

	if (*rest++ != ':')
		return;
	rest += strspn(rest, " \t");
	while (*rest && (!isspace((unsigned char)*rest) || !isspace((unsigned char)rest[1])))
		rest++;
	for (rest += strspn(rest, " \t"); *rest; rest++)
		if (!isspace((unsigned char)*rest) || (used && text[used - 1] != ' '))
			text[used++] = isspace((unsigned char)*rest) ? ' ' : *rest;
	text[used] = 0;
	HASH_FIND(hh, trace->codes, &address, sizeof(address), code);
	if (!code) {
		code = arena_alloc(trace->arena, sizeof(*code));
		code->address = address;
		HASH_ADD(hh, trace->codes, address, sizeof(address), code);
	}
	code->text = arena_strdup(trace->arena, text);
}

static void take_register(struct trace *trace, const char *name, uint64_t value)
{
	size_t number = trace->dumped++;
	char change[64];

	if (number >= REGISTERS_MAX)
		return;
	if (number >= trace->register_count) {
		trace->register_count = number + 1;
		snprintf(trace->registers[number].name, NAME_SIZE, "%s", name);
	} else if (trace->registers[number].value != value && strcmp(name, "pc") != 0 && trace->cause != SIZE_MAX) {
		snprintf(change, sizeof(change), "%s=0x%" PRIx64, trace->registers[number].name, value);
		fold_note(trace->fold, trace->cause, change);
	}
	trace->registers[number].value = value;
}

/* Pairs of a name and a number: " mstatus  0000000a00000000", " x1/ra    00000000800007f6 x2/sp ...", "EAX=00000000 EBX=..." */
static void take_registers(struct trace *trace, char *line)
{
	char *rest = line, *word, name[NAME_SIZE] = "";

	while ((word = strsep(&rest, " =\t"))) {
		size_t digits = strspn(word, "0123456789abcdefABCDEF");

		if (!*word)
			continue;
		if (*name && digits >= 8 && !word[digits]) {
			take_register(trace, name, strtoull(word, NULL, 16));
			*name = 0;
		} else {
			const char *slash = strrchr(word, '/');

			snprintf(name, sizeof(name), "%s", slash ? slash + 1 : word);
		}
	}
}

static bool starts_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

static void take_line(struct trace *trace, char *line)
{
	if (starts_with(line, "Trace "))
		take_execution(trace, line);
	else if (starts_with(line, "Stopped "))
		take_stop(trace, line);
	else if (starts_with(line, "0x"))
		take_code(trace, line);
	else if (trace->ours && *line && !starts_with(line, "IN:") && !starts_with(line, "---") && !starts_with(line, "Priv:"))
		take_registers(trace, line);
}

void trace_feed(struct trace *trace, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\n') {
			trace->line[trace->used] = 0;
			take_line(trace, trace->line);
			trace->used = 0;
		} else if (trace->used < LINE_SIZE - 1) {
			trace->line[trace->used++] = text[i];
		}
	}
}

/* ---- as text ---- */

struct printing {
	const struct trace *trace;
	const struct symbols *symbols;
	FILE *out;
};

static void print_symbol(const struct printing *printing, uint64_t address, int width)
{
	char text[64] = "";
	uint64_t offset;
	const char *name = symbols_find(printing->symbols, address, &offset);

	if (name)
		snprintf(text, sizeof(text), "%s+0x%" PRIx64, name, offset);
	fprintf(printing->out, "%-*s", width, text);
}

/* An instruction that names an address gets the name of what is there: "... # 0x80001234 <function+0x0>" */
static void print_target(const struct printing *printing, const char *code)
{
	const char *mark = strchr(code, '#');
	uint64_t address = mark ? strtoull(mark + 1, NULL, 16) : 0, offset;

	if (!address || !symbols_find(printing->symbols, address, &offset))
		return;
	fputs(" <", printing->out);
	print_symbol(printing, address, 0);
	fputc('>', printing->out);
}

static void print_instruction(void *context, uint64_t number, uint64_t pc, const char *note)
{
	const struct printing *printing = context;
	struct code *code;

	HASH_FIND(hh, printing->trace->codes, &pc, sizeof(pc), code);
	fprintf(printing->out, "%8" PRIu64 "  %016" PRIx64 "  ", number, pc);
	print_symbol(printing, pc, 32);
	fprintf(printing->out, " %s", code ? code->text : "?");
	if (code)
		print_target(printing, code->text);
	if (note)
		fprintf(printing->out, "\t; %s", note);
	fputc('\n', printing->out);
}

static void print_repeat(void *context, size_t length, uint64_t times)
{
	const struct printing *printing = context;

	fprintf(printing->out, "          ... the last %zu line%s again, %" PRIu64 " time%s\n", length, length == 1 ? "" : "s",
		times, times == 1 ? "" : "s");
}

static void print_gap(void *context, uint64_t left_out)
{
	const struct printing *printing = context;

	fprintf(printing->out, "          ... %" PRIu64 " instructions are left out here\n", left_out);
}

void trace_print(const struct trace *trace, const struct symbols *symbols, FILE *out)
{
	struct printing printing = { trace, symbols, out };
	const struct fold_printer printer = { &printing, print_instruction, print_repeat, print_gap };

	fold_print(trace->fold, &printer);
}
