/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr.h - the expression language of the specifications (spec/README.md, "Expressions").
 *
 * Text is parsed and typed once, while a spec is loaded; evaluation is total: it has no error return, allocates nothing and
 * ends. A value may be unknown; logic over unknown values is Kleene's, everything else with an unknown operand is unknown.
 */
#ifndef ASSAY_SPEC_EXPR_H
#define ASSAY_SPEC_EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/node.h"

#define EXPR_TEXT      4096 /* characters of one expression */
#define EXPR_NESTING   64 /* brackets, unary operators, right-hand sides inside each other */
#define EXPR_LOOPS     8 /* all() and any() inside each other */
#define EXPR_STEPS     4096 /* of one all() or any(); more: unknown */
#define EXPR_STEPS_ALL 65536 /* of all of them together in one evaluation; more: unknown */
#define EXPR_BYTES     (1u << 22) /* compared or summed by functions in one evaluation; more: unknown */

struct int_type {
	uint8_t bits; /* 1..64; 0: a bool */
	bool is_signed;
};

struct value {
	bool known;
	struct int_type type;
	uint64_t bits; /* truncated to type.bits and then sign- or zero-extended to 64 */
};

static inline struct value value_of(uint64_t bits, struct int_type type);
static inline struct value value_bool(bool truth);
static inline struct value value_unknown(void);
struct value value_cast(struct value value, struct int_type type);

/* What a name in an expression stands for; found once by the binder of expr_parse, handed back to the environment's reader. */
enum name_kind {
	NAME_CONSTANT, /* `value` */
	NAME_ARG, /* `index`: number of the argument */
	NAME_RESULT, /* `index`: number of the result */
	NAME_STATE, /* `index`: number of the state variable in spec->states; up to two keys */
	NAME_BUFFER, /* `index`: number among the buffers; `arg`: of the argument, read when the name stands alone (its address) */
	NAME_CONTROL, /* `index`: number in spec->control; `when`: 0 before, 1 after, 2 later */
	NAME_OUTCOME, /* `index`: enum outcome_name */
	NAME_TRAP, /* `index`: 0 cause, 1 pc, 2 value */
	NAME_LAND, /* `text`: register or control register name; `index`: enum land_name for hart, count */
	NAME_IPIS, /* one key: the CPU */
	NAME_CONSOLE, /* `index`: 0 length, 1 a byte (one key) */
	NAME_TIME, /* `index`: 0 start, 1 end */
	NAME_FACT, /* `index`: enum fact */
	NAME_FIELD, /* structures: `index`: number of the field */
	NAME_KEY, /* `index`: 0 key, 1 key2; in the init of a state variable */
};

enum outcome_name { OUT_RETURNED, OUT_TRAPPED, OUT_LANDED, OUT_STOPPED, OUT_SHUTDOWN, OUT_RESET };
enum land_name { LAND_REGISTER, LAND_CONTROL, LAND_HART, LAND_COUNT };
enum fact {
	FACT_HARTS,
	FACT_BOOT_HART,
	FACT_SELF,
	FACT_RAM_BASE,
	FACT_RAM_SIZE,
	FACT_CLAIMED_MAJOR,
	FACT_CLAIMED_MINOR,
	FACT_CLOCK_HZ,
	FACT_COUNT
};

struct name {
	enum name_kind kind;
	unsigned index, when, keys; /* keys: how many index expressions it takes (0..2) */
	unsigned arg; /* NAME_BUFFER */
	const char *text;
	struct int_type type;
	struct value value;
};

/*
 * What an expression may ask of the world. One implementation judges recordings, one simulates the model for the plan, one
 * proves. Every function is total and answers value_unknown() where it cannot tell, as NULL does in place of all but `read`.
 * `context` is passed through.
 */
struct expr_env {
	void *context;
	struct value (*read)(void *context, const struct name *name, const struct value keys[2]);
	/* size bytes (1, 2, 4, 8) at offset behind a buffer argument, in the interface's byte order; old: before the call */
	struct value (*load)(void *context, unsigned buffer, uint64_t offset, unsigned size, bool old);
	/* functions over the machine */
	struct value (*is_hart)(void *context, uint64_t hart);
	struct value (*accessible)(void *context, uint64_t high, uint64_t low, uint64_t length);
	struct value (*present)(void *context, unsigned chapter);
	/* optional: what expr_explain puts in brackets behind a value of this name; NULL: nothing */
	const char *(*constant_name)(void *context, const struct name *name, uint64_t bits);
	/* optional: nothing behind this buffer is known, so that there is no need to ask for every byte */
	bool (*blank)(void *context, unsigned buffer, bool old);
};

/* How names are found while parsing: fills *name and returns true, or returns false. */
struct expr_scope {
	const void *context;
	bool (*find)(const void *context, const char *name, struct name *found); /* `hartid`, `after.sip`, `hsm.hart_state` */
	const struct int_set *(*find_set)(const void *context, const char *name);
	int (*find_chapter)(const void *context, const char *name); /* -1: none */
	/* field of a buffer's element: fills offset, type; elements: element size (1 when untyped), type of a plain element */
	bool (*find_field)(const void *context, unsigned buffer, const char *field, unsigned *offset, struct int_type *type);
	/* false, with size filled, when the element is a struct */
	bool (*element)(const void *context, unsigned buffer, unsigned *size, struct int_type *type);
	/* optional: every name there is, for hints; they stay while the text is parsed */
	void (*each_name)(const void *context, void (*visit)(void *ctx, const char *name), void *ctx);
	bool is_structure; /* sum8() may be used: the bytes of the structure are buffer 0 */
};

/* A set of integers: ranges, both ends included, compared as 64-bit two's complement (so -1 and 2^64 - 1 are the same). */
struct int_set {
	const char *name; /* NULL for one written in place */
	size_t count;
	struct int_range {
		int64_t low, high; /* low <= high as unsigned, or low < 0 <= high */
	} * ranges;
};

/* The range that this number is in; NULL: none. */
const struct int_range *int_set_find(const struct int_set *set, uint64_t bits);
bool int_set_has(const struct int_set *set, uint64_t bits);

struct expr; /* immutable; lives in the arena it was parsed into */

/*
 * Parses and types text. NULL and a message with the column inside `where` on a mistake ("... expected, got ...", with a
 * hint where a known name is near). wanted: a bool expression (true) or an integer.
 */
const struct expr *expr_parse(struct arena *arena, const char *text, struct where where, bool wanted_bool,
			      const struct expr_scope *scope, struct err *err);

/* The same with the place and the message apart, as a finding needs them; expr_parse says "FILE:LINE:COL: message". */
struct expr_mistake {
	struct where where;
	char message[400];
};
const struct expr *expr_compile(struct arena *arena, const char *text, struct where where, bool wanted_bool,
				const struct expr_scope *scope, struct expr_mistake *mistake);

struct value expr_eval(const struct expr *expr, const struct expr_env *env);
struct int_type expr_type(const struct expr *expr);
/* Do both say the same, also where they are of two specifications? Written differently is not the same; NULL equals NULL. */
bool expr_equal(const struct expr *a, const struct expr *b);
const char *expr_text(const struct expr *expr); /* as written */
struct where expr_where(const struct expr *expr);

/* Calls visit for every name the expression reads (state, arguments, results ...), in the order of the text. */
void expr_names(const struct expr *expr, void (*visit)(void *context, const struct name *name), void *context);
/* Calls visit for every integer literal and constant compared with or added to something: seeds for boundary values. */
void expr_literals(const struct expr *expr, void (*visit)(void *context, uint64_t bits), void *context);

/* Writes the values of the names that decided the result, as "error = -3 (SBI_ERR_INVALID_PARAM), hartid = 0xff". */
struct spec;
void expr_explain(const struct expr *expr, const struct expr_env *env, char *out, size_t size);

static inline uint64_t int_truncate(uint64_t bits, struct int_type type)
{
	if (type.bits == 0)
		return bits != 0;
	if (type.bits >= 64)
		return bits;
	if (type.is_signed)
		return (uint64_t)((int64_t)(bits << (64 - type.bits)) >> (64 - type.bits));
	return bits & ((UINT64_C(1) << type.bits) - 1);
}

static inline struct value value_of(uint64_t bits, struct int_type type)
{
	return (struct value){ true, type, int_truncate(bits, type) };
}

static inline struct value value_bool(bool truth)
{
	return (struct value){ true, { 0, false }, truth };
}

static inline struct value value_unknown(void)
{
	return (struct value){ .known = false };
}

static inline bool value_is_true(struct value value)
{
	return value.known && value.bits;
}

static inline bool value_is_false(struct value value)
{
	return value.known && !value.bits;
}

#endif
