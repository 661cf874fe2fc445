/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spec.h - the model of an interface: what spec/README.md describes, as immutable structures.
 *
 * A spec is loaded once, checked completely, and never changed. Every pointer in it lives as long as the spec. Names are
 * upstream's. Arrays are in the order of the files; `number` fields are indices into the array that holds the element.
 */
#ifndef ASSAY_SPEC_SPEC_H
#define ASSAY_SPEC_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/node.h"
#include "spec/expr.h"

#define SPEC_ARGS    14 /* arguments of one entry */
#define SPEC_RESULTS 4
#define SPEC_CONTROL 25 /* control registers of a convention */
#define SPEC_BUFFERS 3 /* buffer arguments of one entry */
#define SPEC_STEPS   8 /* prepared or restoring calls of one entry */

struct named_value {
	const char *name;
	uint64_t value;
	struct where where;
};

struct bit_field {
	const char *name;
	uint8_t high, low;
};

struct struct_field {
	const char *name;
	const struct type *type;
	unsigned offset; /* bytes */
};

struct type {
	const char *name; /* "u32" for a plain one, NULL for one written in place */
	struct where where;
	struct int_type base;
	size_t enum_count, flag_count, field_count, member_count;
	const struct named_value *enums; /* named legal values */
	const struct named_value *flags; /* name -> bit number; other bits are reserved */
	const struct bit_field *fields;
	const struct int_set *reserved, *platform, *except; /* NULL: none */
	unsigned align; /* 0: none */
	const struct struct_field *members; /* a struct; size in bytes below */
	unsigned size; /* bytes of one element in memory */
};

enum role {
	ROLE_PLAIN,
	ROLE_HART,
	ROLE_HART_MASK,
	ROLE_HART_MASK_BASE,
	ROLE_TIME,
	ROLE_PAGES,
	ROLE_RANGE_SIZE,
	ROLE_CODE,
	ROLE_BUFFER,
	ROLE_HIGH,
	ROLE_LENGTH,
	ROLE_HANDLE,
	ROLE_CALLER,
};

enum direction { DIRECTION_IN = 1, DIRECTION_OUT = 2, DIRECTION_INOUT = 3 };

enum place_kind { PLACE_REGISTER, PLACE_STACK, PLACE_BLOCK, PLACE_INSTRUCTION };

struct place {
	enum place_kind kind;
	const char *reg; /* PLACE_REGISTER: upstream's name */
	unsigned offset; /* bytes above the stack pointer or into the block */
	unsigned bits; /* width in a block (default: the word) */
	uint8_t high, low; /* bits of the instruction */
};

/* "a0", "stack+4", "block+8:32", "insn[25:0]"; "" for none. In the arena. */
const char *place_text(struct arena *arena, const struct place *place);

struct arg {
	const char *name;
	struct where where;
	const struct type *type;
	enum role role;
	struct place place;
	int other; /* HART_MASK: its base; HIGH, LENGTH: its buffer; BUFFER: its upper half; -1: none */
	unsigned unit; /* LENGTH: bytes per unit (1) */
	const char *pad; /* CODE */
	const char *handle; /* HANDLE */
	uint64_t plus; /* HANDLE: what is added to it */
	bool has_nominal;
	uint64_t nominal;
	/* BUFFER */
	unsigned buffer; /* its number among the entry's buffers */
	enum direction direction;
	unsigned align; /* bytes; 1: none */
	const struct expr *size; /* bytes, over arguments; NULL: unknown */
	const struct type *of; /* NULL: bytes */
	const struct int_set *special;
};

struct result {
	const char *name;
	const struct type *type;
	struct place place;
	const char *produces; /* handle name, or NULL */
};

enum strength { MUST, MUST_NOT, SHOULD, MAY, UNSPECIFIED, UNOBSERVABLE };

struct rule {
	const char *id; /* "opaque-in-a1" */
	const char *full_id; /* "sbi.hsm.hart_start:opaque-in-a1" */
	const char *cite; /* "RISC-V SBI 3.0, 9.1" */
	struct where where;
	enum strength strength;
	bool likely; /* rests on a reading of an unclear text: failures are OBSERVED */
	int since, until; /* indices into spec->versions; -1: no bound */
	const struct expr *when, *must; /* when NULL: always; must NULL for UNSPECIFIED, UNOBSERVABLE */
	const char *note, *reason;
	unsigned number; /* in spec->rules */
	const struct entry *entry;
};

struct effect {
	const struct expr *when; /* NULL: always */
	unsigned each; /* repeats with the name `i` = 0 .. each-1; 0: once, no `i` */
	unsigned state; /* number in spec->states */
	unsigned keys;
	const struct expr *key[2];
	const struct expr *value; /* NULL: forget */
};

struct state {
	const char *name; /* "hart_state" */
	const struct chapter *chapter;
	struct where where;
	unsigned keys;
	struct int_type key_type[2];
	const struct type *type;
	const struct expr *init; /* NULL: unknown at reset */
	unsigned number; /* in spec->states */
};

/* A call written in a spec: prepare, restore, presence, bring_up. */
struct spec_call {
	const struct entry *entry;
	/* for each argument of the entry: a pad name, an expression over the main call's arguments and facts, or neither (nominal) */
	const char *pad[SPEC_ARGS];
	const struct expr *value[SPEC_ARGS];
	bool target_hart[SPEC_ARGS]; /* bring_up: `hart`, the CPU to be started */
	const struct expr *when; /* over the results: presence, and in `prepare`: what is asked for is there; NULL: not asked */
	struct where where;
};

enum outcome_bit {
	OUTCOME_RETURNS = 1,
	OUTCOME_LANDS = 2,
	OUTCOME_STOPS = 4,
	OUTCOME_BLOCKS = 8,
	OUTCOME_SHUTDOWN = 16,
	OUTCOME_RESET = 32,
	OUTCOME_TRAPS = 64,
};

struct sample {
	bool has[SPEC_ARGS];
	uint64_t value[SPEC_ARGS];
	/* a buffer's content instead of its address: one number per element (per member of a struct); NULL: none; the rest is zero */
	const uint64_t *content[SPEC_ARGS];
	size_t content_count[SPEC_ARGS];
};

/* Registers that a call must leave as they were: all but those listed, or only those. */
struct preserved {
	bool all_but;
	size_t count;
	const char *const *names;
	const char *cite;
};

/* A warning of lint's that the specification itself explains. */
struct accepted {
	const char *code, *why, *cite; /* cite: NULL for what is not the document's */
	size_t name_count;
	const char *const *names; /* ids of rules and errors, all of which the warning speaks of */
	struct where where;
};

struct entry {
	const char *name; /* "hart_start" */
	const char *full_id; /* "sbi.hsm.hart_start" */
	const char *title, *cite;
	struct where where;
	const struct chapter *chapter;
	unsigned number; /* in spec->entries */
	int since, until;
	unsigned selector_known; /* bit per part of the convention's selector that is constant */
	uint64_t selector[SPEC_RESULTS];
	size_t arg_count, result_count, buffer_count, error_count, rule_count, effect_count, sample_count, prepare_count,
		restore_count, accepted_count;
	const struct accepted *accepted;
	const struct arg *args;
	const struct result *results;
	unsigned buffers[SPEC_BUFFERS]; /* argument numbers */
	const struct named_value *errors; /* NULL: the status is no code */
	const struct rule *const *rules; /* all strengths */
	const struct effect *effects;
	const struct sample *samples;
	const struct spec_call *prepare, *restore;
	unsigned outcomes; /* enum outcome_bit */
	bool secondary; /* made on another CPU than the boot CPU */
	bool console_output;
	const char *console_input; /* NULL: none */
	const struct expr
		*absent; /* optional: true over the results when the entry is not there; NULL: mandatory in its chapter */
	uint64_t deadline_ns, settle_ns; /* guest time; settle 0: none */
	const struct preserved *preserved; /* NULL: the convention's */
	uint32_t changes; /* a bit per control register of the convention that the call may change */
	bool is_structure;
	const struct structure *structure;
};

struct structure {
	const char *signature;
	uint64_t range_low, range_high, step;
	const char *pointer; /* "rsdp.rsdt_address", or NULL */
	const struct entry *holder; /* the structure that holds it, and the number of that field */
	unsigned holder_field;
	bool is_offset; /* `pointer` counts from the start of the structure that holds it */
	const struct expr *shape; /* over its fields: only what this holds for is such a structure; NULL: anything */
	const struct expr *size; /* bytes, over its fields; NULL: up to the end of the last one */
	bool optional; /* need not be there */
	bool big_endian;
	size_t field_count;
	const struct structure_field {
		const char *name;
		const struct type *type;
		unsigned offset, count;
	} * fields;
};

struct chapter {
	const char *name, *title, *cite;
	struct where where;
	unsigned number;
	int since, until;
	const struct spec_call *presence; /* NULL: mandatory */
	size_t entry_count;
	const struct entry *const *entries;
};

/* The universal rules, in the order of universal_rules[] in spec.c; each entry is held to all of them. */
enum universal {
	UNIVERSAL_RETURNS,
	UNIVERSAL_DECLARED_ERROR,
	UNIVERSAL_PRESERVED_REGISTERS,
	UNIVERSAL_PRESERVED_CONTROL,
	UNIVERSAL_GUARD_ZONES,
	UNIVERSAL_DECLARED_WRITES,
	UNIVERSAL_CONSOLE_SILENCE,
	UNIVERSAL_DEADLINE,
	UNIVERSAL_UNSUPPORTED,
	UNIVERSAL_FOUND, /* of structures, which are held to this one only */
	UNIVERSAL_COUNT
};

struct convention {
	const char *gate;
	unsigned word; /* bits */
	bool big_endian;
	size_t selector_count, argument_count, result_count, control_count;
	const char *selector_name[SPEC_RESULTS];
	struct place selector[SPEC_RESULTS];
	const char *arguments[SPEC_ARGS];
	struct result results[SPEC_RESULTS];
	bool preserve_all_but; /* registers: all but those listed, or only those */
	size_t preserved_count;
	const char *const *preserved;
	const char *control[SPEC_CONTROL]; /* names; the first `control_preserved` must be preserved */
	size_t control_preserved;
	struct {
		int result;
		uint64_t value;
	} success;
	int status; /* result that carries an error code; -1: none */
	const struct expr *unsupported; /* over the results: this is how a call that is not there answers; NULL: not said */
	const struct spec_call *bring_up; /* NULL: none */
	const struct entry *handler_leave; /* NULL: none */
	const struct entry *first_call; /* made once after each start of the machine, before any other; NULL: none */
	uint64_t deadline_ns;
	const char *cites[UNIVERSAL_COUNT]; /* NULL only of UNIVERSAL_FOUND: the structure's own */
	unsigned unspecified; /* by enum universal, a bit each: the document leaves it open, a breach is observed */
	const struct place *block; /* where the address of the memory block goes; NULL: none */
};

struct spec {
	const char *name; /* "sbi" */
	const char *title, *document, *revision, *url;
	const char *directory; /* as the user named it */
	char sha256[65]; /* over the spec's files, in order */
	uint64_t bytes; /* of these files together */
	struct convention convention;
	size_t version_count, chapter_count, entry_count, rule_count, state_count, error_count, set_count, constant_count;
	const char *const *versions;
	const struct chapter *const *chapters;
	const struct entry *const *entries;
	const struct rule *const *rules; /* of all entries */
	const struct state *const *states;
	const struct named_value *errors, *constants;
	struct int_set *sets;
	const struct entry *claim; /* NULL: the claimed version is the newest */
	const struct expr *claim_major, *claim_minor; /* over its results */
	struct load *load; /* the loader's: it knows the names, for what is read against the spec later */
	struct arena *arena;
};

/* What lint and the loader have to say. Severity error makes a spec unusable. */
enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

struct finding {
	enum severity severity;
	struct where where;
	const char *code; /* "unknown-key" */
	const char *message; /* with a hint where there is one */
};

struct findings {
	size_t count, errors;
	struct finding *list; /* in the order of file, line, column */
	struct arena *arena;
};

struct findings *findings_new(void);
void findings_free(struct findings *findings);
void findings_add(struct findings *findings, enum severity severity, struct where where, const char *code, const char *format,
		  ...) __attribute__((format(printf, 5, 6)));

/*
 * Loads a spec directory (or a single file that holds both interface and chapters, as test fixtures do). Reports every
 * mistake of every file in *findings. NULL when there is at least one error; then err holds the first one and a count.
 */
struct spec *spec_load(const char *path, struct findings *findings, struct err *err);
void spec_free(struct spec *spec);

extern const char *const universal_rules[UNIVERSAL_COUNT]; /* ids: "returns", "declared-error", ... */
/* Is the entry held to it? The rules of calls come first. */
static inline bool universal_is_for(const struct entry *entry, enum universal universal)
{
	return entry->is_structure == (universal == UNIVERSAL_FOUND);
}

/* "sbi.hsm.hart_start" or "hsm.hart_start" -> entry; NULL when there is none. */
const struct entry *spec_find_entry(const struct spec *spec, const char *name);
/* The prepared call that tells whether the entry is there; NULL: nothing has to be asked. */
const struct spec_call *spec_question(const struct entry *entry);
/* The name of an error code, or NULL. */
const char *spec_error_name(const struct spec *spec, uint64_t value);
/* The greatest version that is not greater than MAJOR.MINOR (an index into versions, whatever their order); -1: all are greater. */
int spec_version(const struct spec *spec, uint64_t major, uint64_t minor);
/* Is a thing with these bounds part of version v (index into versions)? */
static inline bool spec_in_version(int since, int until, int v)
{
	return (since < 0 || v >= since) && (until < 0 || v <= until);
}

#endif
