/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load.h - private to the loader: what its files share.
 *
 * Loading has two passes. The first walks the files by tables of keys (struct key), builds the model and declares every name.
 * What may name something that comes later (expressions, calls) is put off with load_later() and done in the second pass.
 * After a mistake the loader goes on with a harmless value, so that one run reports all mistakes.
 */
#ifndef ASSAY_SPEC_LOAD_H
#define ASSAY_SPEC_LOAD_H

#include <uthash.h>

#include "spec/near.h"
#include "spec/spec.h"

/* Larger than any interface we know; what takes time in proportion to the square of these stays below a second. */
#define LIMIT_CHAPTERS 256
#define LIMIT_ENTRIES  4096
#define LIMIT_STATES   1024
#define LIMIT_NAMES    1024 /* errors, constants, sets, members of one enum or struct */
#define LIMIT_RULES    1000 /* of one entry */
#define LIMIT_HINTS    100

/* A growing array of pointers. */
struct list {
	void **items;
	size_t count, room;
};

void list_add(struct list *list, void *item);

struct declared_type {
	const char *key; /* "hart_state" of the interface, "hsm.hart_state" of a chapter */
	const char *name;
	const struct node *node;
	struct type *type; /* NULL until it has been loaded */
	bool loading;
	UT_hash_handle hh;
};

struct constant {
	const char *key; /* as for types */
	struct int_type type;
	uint64_t value;
	struct where where;
	UT_hash_handle hh;
};

/* Constant parts of a selector. */
struct selector {
	unsigned known;
	uint64_t value[SPEC_RESULTS];
};

struct load {
	struct spec *spec;
	struct arena *arena;
	struct findings *findings;
	const char *document_short;
	const struct node *every_call; /* arguments that every entry has behind its own; NULL: none */
	struct list chapters, entries, rules, states, works; /* struct chapter, entry, rule, state, work */
	void *digest;
	struct declared_type *types;
	struct constant *constants;
	/* where the walk is */
	struct chapter *chapter;
	struct selector chapter_selector;
	struct entry *entry;
	struct list *entry_rules;
	unsigned type_depth;
};

/* --- keys of mappings (load_key.c) --- */

typedef void key_reader(struct load *load, const char *key, const struct node *value, void *slot);

struct key {
	const char *name;
	bool required;
	key_reader *read;
	size_t offset; /* of the slot in the target */
};

struct mapping {
	const char *what; /* "an entry" */
	const struct key *keys;
	size_t count;
};

#define MAPPING(what, keys)                                                                                                      \
	{                                                                                                                        \
		(what), (keys), sizeof(keys) / sizeof((keys)[0])                                                                 \
	}

void load_error(struct load *load, const struct node *node, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void load_warning(struct load *load, struct where where, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* For hints. A file with very many mistakes gets none: they would take time, and nobody reads them. */
struct near load_near(const struct load *load, const char *wanted);

/* Reads the keys in the order of the table into target; reports unknown and missing ones. */
void load_mapping(struct load *load, const struct mapping *mapping, const struct node *node, void *target);
/* Is the node of this kind? Reports when not. `what` names it: "`args`". */
bool load_is(struct load *load, const struct node *node, enum node_kind kind, const char *what);
/* The position of text in a table of words; reports unknown ones with a hint; -1. */
int load_choice(struct load *load, const char *key, const struct node *node, const char *const *words, size_t count);

/* Readers for plain values; the slot's type is in the comment. */
key_reader read_text; /* const char *: any text but none */
key_reader read_name; /* const char *: letters, digits, _ */
key_reader read_id; /* const char *: small letters, digits, - */
key_reader read_cite; /* const char *: composed with the document's name */
key_reader read_version; /* int: index into versions */
key_reader read_time; /* uint64_t: nanoseconds */
key_reader read_unsigned; /* unsigned */
key_reader read_nothing; /* read elsewhere */

bool is_name(const char *text);

/* --- numbers (load_number.c) --- */

struct number {
	uint64_t bits;
	bool negative;
};

bool number_parse(const char *text, size_t length, struct number *number);
bool number_fits(struct number number, struct int_type type);
/* A number or the name of a constant. Reports and gives false when it is neither. */
bool load_number(struct load *load, const char *key, const struct node *node, struct number *number);
/* The same, cut to a type; reports what does not fit. -1 means all ones for an unsigned type. */
bool load_value(struct load *load, const char *key, const struct node *node, struct int_type type, uint64_t *bits);
/* A list of values, ranges and set names; every value must fit the type (bits 0: any). NULL after a mistake. */
const struct int_set *load_set(struct load *load, const char *key, const struct node *node, struct int_type type);
const struct int_set *load_find_set(const struct load *load, const char *name);

/* --- declared names --- */

void load_declare_constant(struct load *load, const struct node *place, const char *name, struct int_type type, uint64_t value);
const struct constant *load_find_constant(const struct load *load, const struct chapter *chapter, const char *name);
/* Those that can be seen from the chapter (NULL: from the interface). */
void load_each_constant(const struct load *load, const struct chapter *chapter, void (*visit)(void *ctx, const char *name),
			void *ctx);
/* A named list `NAME: VALUE`, whose names become constants when asked. */
const struct named_value *load_named_values(struct load *load, const char *key, const struct node *node, struct int_type type,
					    bool constants, size_t *count);

void load_types(struct load *load, const struct node *node); /* declares and loads the types of the interface or chapter */
const struct type *load_type(struct load *load, const char *key, const struct node *node); /* by name or in place; never NULL */
key_reader read_type; /* const struct type * */
const struct type *load_plain_type(struct load *load, const char *name); /* "u32"; NULL: no such */

bool load_place(struct load *load, const char *key, const struct node *node, struct place *place);
bool place_equal(const struct place *a, const struct place *b);

/* --- second pass (scope.c, load_call.c) --- */

enum see {
	SEE_ARGS = 1,
	SEE_RESULTS = 2,
	SEE_WORLD = 4, /* memory, states, control registers, what happened */
	SEE_KEYS = 8, /* `key`, `key2` */
	SEE_EACH = 16, /* `i` */
};

struct scope {
	const struct load *load;
	const struct chapter *chapter; /* NULL: the interface */
	const struct entry *entry; /* NULL: none */
	unsigned see;
	unsigned keys; /* of the state, for SEE_KEYS */
	const struct state *state;
	bool *missed; /* set when a name was not found; NULL: not wanted */
};

bool scope_find(const struct scope *scope, const char *name, struct name *found);
/* A fact, an outcome and the like: what no spec has to declare. */
bool scope_is_built_in(const struct scope *scope, const char *name, struct name *found);
/* Every name that can be seen, for hints. */
void scope_each_name(const struct scope *scope, void (*visit)(void *ctx, const char *name), void *ctx);
/* Parses an expression; reports mistakes. NULL after one. */
const struct expr *scope_parse(struct load *load, const struct scope *scope, const struct node *node, bool wanted_bool);

struct work {
	void (*run)(struct load *load, const struct work *work);
	const struct node *node;
	const char *key;
	void *slot;
	struct scope scope;
	bool wanted_bool;
};

void load_later(struct load *load, struct work work);
void load_run_later(struct load *load);
/* An expression of the second pass; the slot is a const struct expr *. The scope is the walk's chapter and entry. */
void load_expr(struct load *load, const struct node *node, const struct expr **slot, bool wanted_bool, unsigned see);

enum call_kind { CALL_STEP, CALL_PREPARE, CALL_PRESENCE, CALL_BRING_UP };
/* A call of the second pass into *slot, which is a struct spec_call. */
void load_call(struct load *load, enum call_kind kind, const struct node *node, struct spec_call *slot);
const struct entry *load_find_entry(struct load *load, const char *key, const struct node *node);

/* --- the parts of a spec --- */

void load_interface(struct load *load, const struct node *root, const char *directory);
void load_convention(struct load *load, const struct node *node);
void load_chapter(struct load *load, const struct node *node, const char *expected_name);
void load_selector(struct load *load, const char *key, const struct node *node, struct selector *selector);
void load_entries(struct load *load, const struct node *node);
void load_structures(struct load *load, const struct node *node);
void load_args(struct load *load, const struct node *node, struct entry *entry); /* NULL: it has none of its own */
void load_results(struct load *load, const struct node *node, struct entry *entry);
void load_samples(struct load *load, const struct node *node, struct entry *entry);
key_reader read_rules, read_unspecified, read_unobservable, read_effects;
key_reader read_accept; /* struct entry; after its rules and errors (load_accept.c) */
struct entry *load_new_entry(struct load *load, const struct node *node);
void load_finish_entry(struct load *load, struct entry *entry);
struct preserved *load_preserved(struct load *load, const struct node *node);
/* `errors`-like lists of words: their texts; reports what is no name and what is there twice. */
const char *const *load_names(struct load *load, const char *key, const struct node *node, size_t limit, size_t *count);
bool load_list(struct load *load, const char *key, const struct node *node, size_t limit);

/* Reads, parses and digests a file. NULL after mistakes, which are reported. */
const struct node *load_file(struct load *load, const char *path, const struct node *named_by);

void check_spec(struct load *load);
void check_rules(struct load *load);
void check_names(struct load *load);
void check_chapters(struct load *load);

#endif
