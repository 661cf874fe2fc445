/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * internal.h - what the files of the plan share.
 *
 * Names of the inside: a *pick* is one value of one argument with its name; a *menu* holds the picks of all arguments of an
 * entry; a *planned* call is an entry with one pick per argument; a *draft* is a list of planned calls that becomes a case.
 */
#ifndef ASSAY_PLAN_INTERNAL_H
#define ASSAY_PLAN_INTERNAL_H

#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "plan/plan.h"

#define PLAN_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- picks and menus (values.c, nominal.c) ---- */

struct pick {
	const char *name; /* stable: part of case ids */
	struct case_value value;
	struct value seen; /* the number that rules see; unknown for what only the guest knows */
	bool reserved; /* belongs to the strategy `reserved` */
	bool has_fill; /* buffers: every element holds `fill` */
	uint64_t fill;
	const uint64_t *content; /* buffers: one number per element (per member of a struct), then zeros; NULL: none */
	size_t content_count;
	unsigned misalign; /* buffers: bytes off their alignment */
	bool borrowed; /* buffers: the main call's, in a prepared or restoring call */
};

struct picks {
	size_t count;
	struct pick *list; /* [0]: the nominal one */
};

struct menu {
	const struct entry *entry;
	bool ready;
	struct picks args[SPEC_ARGS];
};

/* Addresses that stand for what only the guest knows, so that rules about alignment and memory can be evaluated. */
#define PLAN_NOWHERE (UINT64_C(1) << 44) /* in no machine's memory map */
uint64_t plan_own_memory(const struct plan *plan); /* an address inside memory that belongs to the caller */

/* Every odd value of an argument, its nominal value first. Lives in plan->arena. */
struct picks values_of(struct plan *plan, const struct entry *entry, unsigned arg);
/* Does it go where a part of the selector goes? */
bool arg_is_selector(const struct plan *plan, const struct arg *arg);
/* The menu's pick with this number, for its name; one that is `given` where there is none. */
struct pick known_pick(struct plan *plan, const struct entry *entry, unsigned arg, uint64_t literal);
/* A literal as a pick; name NULL: the number itself. */
struct pick pick_literal(struct arena *arena, const struct arg *arg, const char *name, uint64_t literal);
struct pick pick_pad(const struct plan *plan, const struct arg *arg, const char *pad, uint64_t offset);
/* Numbers that could make a correct blob overwrite what is not the caller's; false: there are none. */
bool value_harmful(const struct plan *plan, const struct arg *arg, uint64_t *low, uint64_t *high);
/* Is this number one that the plan must never pass? */
bool value_excepted(const struct arg *arg, uint64_t literal);
/* A plain number that is legal by its type. */
uint64_t nominal_number(const struct type *type);

/* The menu of an entry, made when first asked for; its nominal values are such that the call should succeed. */
const struct menu *plan_menu(struct plan *plan, const struct entry *entry);

/* ---- planned calls and drafts (build.c) ---- */

struct planned {
	const struct entry *entry;
	unsigned hart;
	bool async, join;
	struct pick args[SPEC_ARGS];
};

/* What of a planned call means anything: its entry has so many arguments and no more. */
static inline size_t planned_size(const struct entry *entry)
{
	return offsetof(struct planned, args) + entry->arg_count * sizeof(struct pick);
}

static inline void planned_begin(struct planned *call, const struct entry *entry, unsigned hart)
{
	memset(call, 0, planned_size(entry));
	call->entry = entry;
	call->hart = hart;
}

static inline void planned_copy(struct planned *to, const struct planned *from)
{
	memcpy(to, from, planned_size(from->entry));
}

struct draft {
	enum strategy strategy;
	const struct rule *rule;
	const char *label; /* middle part of the id */
	const char *after; /* "after-..." of a walked case, or NULL */
	bool ends_guest;
	bool dirty; /* leaves something behind that no calls undo */
	uint64_t hash; /* random: of the values */
	unsigned count, main;
	struct planned calls[CASE_STEPS];
};

/* ---- the model (model.c, sight.c) ---- */

#define MODEL_CELLS 96
#define MODEL_BLURS 4

struct cell {
	unsigned state;
	uint64_t key[2];
	struct value value;
};

/* What differs from the state after reset. Sorted, so that equal states are equal bytes in order. */
struct model {
	unsigned count;
	bool overflow;
	uint64_t blurred[MODEL_BLURS]; /* by state number: unknown except where a cell says otherwise */
	struct cell cells[MODEL_CELLS];
};

enum prediction { PREDICT_SUCCESS, PREDICT_REFUSED, PREDICT_OPEN };

#define PREDICTION_MEMOS 8192u

struct prediction_memo {
	bool used;
	uint64_t key;
	enum prediction prediction;
	bool doubtful;
	struct value results[SPEC_RESULTS];
};

/* What a call was found to do to a model. Cases share most of the calls around their main one, and walks most of their steps. */
#define TRANSITIONS 1024u

struct transition {
	bool used;
	uint64_t key;
	enum prediction prediction;
	bool doubtful;
	struct model after;
};

/* What an expression sees of a planned call. */
struct sight {
	const struct plan *plan;
	const struct model *model;
	const struct planned *call;
	enum prediction prediction;
	bool doubtful; /* a rule would refuse the call, if only the guest knows what holds */
	struct value results[SPEC_RESULTS];
	uint64_t key[2];
	bool no_key; /* the key is not known */
};

struct value sight_eval(struct sight *sight, const struct expr *expr); /* NULL expr: true */
struct expr_env sight_env(struct sight *sight);

void model_reset(struct model *model);
bool model_is_reset(const struct plan *plan, const struct model *model);
uint64_t model_hash(const struct model *model);
uint64_t model_hash_of(const struct model *model, const bool *states); /* of these states only; NULL: of all */
struct model *model_copy(struct arena *arena, const struct model *model);
void model_assign(struct model *to, const struct model *from);
struct value model_read(const struct plan *plan, const struct model *model, unsigned state, const struct value keys[2]);

/* The number that stands for result `result` of the occurrence-th call of an entry in a case. */
uint64_t model_placeholder(const struct entry *entry, unsigned occurrence, unsigned result);
bool model_is_placeholder(struct value value); /* one of 64 bits; cut to fewer it cannot be told from a number */
uint64_t planned_hash(const struct planned *call); /* equal for calls that do the same; for this process only */
/* The results that are seen if the call succeeds; if it is refused with this code of the entry's (false: that is none). */
void sight_succeed(struct sight *sight, unsigned occurrence);
bool sight_refuse(struct sight *sight, size_t error);
/* What the rules say of a call in this state: may it succeed? Fills sight->results and sight->prediction. */
enum prediction model_predict(struct sight *sight, unsigned occurrence);
/* Do the entry's rules say in which state it has to succeed, and is this such a call? */
bool entry_says_when(const struct plan *plan, const struct entry *entry);
bool call_must_succeed(const struct plan *plan, const struct model *model, const struct planned *call);
/* Applies the call's effects as predicted. *doubtful may be NULL. */
enum prediction model_call(const struct plan *plan, struct model *model, const struct planned *call, unsigned occurrence,
			   bool *doubtful);

/* Does the version that the blob claims hold this rule? Does the plan have to respect it? */
bool plan_has_rule(const struct plan *plan, const struct rule *rule);

/* ---- assembling (build.c) ---- */

/* How often the entry of call `index` was called before it. */
unsigned draft_occurrence(const struct draft *draft, unsigned index);
/* Appends; NULL when the case has no room left. */
struct planned *draft_add(struct draft *draft, const struct entry *entry);
/* A call with every argument nominal; handles are not linked yet. */
void planned_nominal(struct plan *plan, const struct entry *entry, struct planned *call);
bool call_brings_up(const struct plan *plan, const struct planned *call);
bool call_ends_guest(const struct planned *call); /* when it is carried out */
bool draft_is_up(const struct plan *plan, const struct draft *draft); /* hart 1 runs the probe */
void draft_copy(struct draft *to, const struct draft *from); /* only the calls that are there */
void draft_begin(struct draft *draft, enum strategy strategy);
/* Brings up hart 1 unless an earlier call of the draft did. */
int draft_bring_up(struct plan *plan, struct draft *draft);
/*
 * The entry's prepared and restoring calls around a main call whose arguments are known. unless_sets: states, by number;
 * calls that set one of them are left out. NULL: none are.
 */
int draft_prepare(struct plan *plan, struct draft *draft, const struct planned *main, const bool *unless_sets);
int draft_restore(struct plan *plan, struct draft *draft, const struct planned *main, const bool *unless_sets);
bool entry_sets_any(const struct entry *entry, const bool *states);
void entry_states(const struct entry *entry, bool *states); /* marks those that it reads or sets */
/* A whole case around one call: bring-up, prepare, producers, the call, restore. */
int draft_around(struct plan *plan, struct draft *draft, const struct planned *main, bool prepared);
/* Walks the draft through the model; tells whether it may end the guest; appends calls that undo it. */
void draft_settle(struct plan *plan, struct draft *draft, bool undo);
/* Model state before the main call. */
void draft_model(const struct plan *plan, const struct draft *draft, unsigned calls, struct model *model);
/* Points a handle argument at the last call of the draft that produced one (or the back-th before it); false: there is none. */
bool draft_link(struct plan *plan, const struct draft *draft, struct planned *call, unsigned arg, unsigned back);
bool entry_produces(const struct entry *entry); /* a handle */
/* Which number behind a buffer of these elements is at an offset and this wide; false: none is. */
bool content_place(const struct type *of, uint64_t offset, unsigned size, uint64_t *number);
/* The number at an offset behind a buffer, if the plan knows it; does it know any? */
bool planned_has_content(const struct planned *call, unsigned buffer);
struct value planned_content(const struct planned *call, unsigned buffer, uint64_t offset, unsigned size);
/* The buffer memory of a planned call: the size its spec gives it, bounded. */
uint64_t planned_buffer_size(const struct plan *plan, const struct planned *call, const struct arg *arg);
/* The finished case. */
void draft_emit(struct plan *plan, const struct draft *draft, struct plan_case *out);

uint64_t draft_hash(const struct draft *draft); /* equal for cases that do the same; for this process only */

/* ---- values by somebody who can solve (solved.c) ---- */

/*
 * Changes the call, which is made in this state, so that the rule is on this side of its `when`, or may be, as far as can be
 * foreseen. SIDE_NONE: it cannot be, or nothing that the caller chooses matters; then and if it is undecided the call may be
 * spoilt.
 */
struct solved_reads {
	bool args[SPEC_ARGS]; /* of which a rule reads the number, or what lies behind it */
	bool answer; /* it reads what the call results in */
	bool sure; /* a call that only may be on the side is of no use */
};
enum side_answer solved_call(struct plan *plan, const struct rule *rule, bool holds, const struct model *model,
			     const struct solved_reads *reads, struct planned *call);

/* ---- strategies ---- */

struct drafts {
	size_t count, room;
	struct draft **list;
};

/* A copy of the draft, only as long as its calls need. */
void drafts_add(struct drafts *drafts, struct arena *arena, const struct draft *draft);

void rules_plan(struct plan *plan, const struct entry *entry, struct drafts *drafts); /* directed.c */
void samples_plan(struct plan *plan, const struct entry *entry, struct drafts *drafts); /* boundary.c */
void sample_call(struct plan *plan, const struct entry *entry, size_t number, struct planned *call);
void boundary_plan(struct plan *plan, const struct entry *entry, struct drafts *drafts);
void reserved_plan(struct plan *plan, const struct entry *entry, struct drafts *drafts);
void pairwise_plan(struct plan *plan, const struct entry *entry, struct drafts *drafts);
void absent_plan(struct plan *plan, const struct entry *entry, struct drafts *drafts);
void structure_plan(struct plan *plan, const struct entry *entry, struct drafts *drafts);
void sequence_plan(struct plan *plan, const struct entry *entry, struct drafts *drafts); /* sequence.c */

/* ---- random calls (fuzz.c) ---- */

/*
 * Calls are drawn a little before their turn, so that what the sieve has to look at, far apart and seldom in a cache, is on its
 * way meanwhile.
 */
#define DRAWS_AHEAD 4u

struct draws {
	uint64_t seed, next, drawn; /* of the entry; numbers of the next case and of the next call to draw */
	uint64_t hashes[DRAWS_AHEAD];
	struct planned calls[DRAWS_AHEAD];
};

void fuzz_begin(struct plan *plan, const struct entry *entry);
/* The next random case of the entry. Not settled yet. -1: it cannot be made. */
int fuzz_draft(struct plan *plan, const struct entry *entry, struct draft *draft);

/* ---- ids seen ---- */

struct id_set {
	size_t count, room;
	uint64_t *slots;
};
bool id_set_add(struct id_set *set, uint64_t hash); /* false: was there */
bool id_set_has(const struct id_set *set, uint64_t hash);
void id_set_clear(struct id_set *set);

struct id_sieve {
	uint64_t count; /* of new ones */
	uint64_t *bits;
};
bool id_sieve_add(struct id_sieve *sieve, uint64_t hash); /* false: was there, or perhaps */
void id_sieve_expect(const struct id_sieve *sieve, uint64_t hash); /* it is about to be added */
void id_sieve_clear(struct id_sieve *sieve);

/* ---- covering arrays (combine.c) ---- */

/*
 * Rows such that every combination of values of any `strength` columns is in one of them; at most `cap` rows, the most
 * useful first. sizes: values per column. *rows: count * columns indices. Returns the count.
 */
size_t combine(struct arena *arena, const unsigned *sizes, unsigned columns, unsigned strength, size_t cap, uint16_t **rows);

/* ---- walks (walk.c) ---- */

struct walk_node {
	const struct walk_node *parent;
	struct planned *call; /* how one gets here from the parent; NULL at the start */
	struct model *model;
	unsigned depth;
	bool up; /* hart 1 runs the probe */
	bool left; /* every sure step from here was taken */
	bool again; /* another way to a state that was known already: called in, not walked on from */
};

/* An argument name that has the same value in every call of a walk. */
struct subject {
	const char *name;
	struct pick pick;
};

struct walk;
typedef bool (*walk_goal)(const struct walk *walk, const struct walk_node *node);

#define WALK_SUBJECTS 4
#define WALK_ENTRIES  40
#define WALKS_MAX     24

struct walk {
	struct plan *plan;
	struct arena *arena;
	unsigned entry_count, subject_count;
	const struct entry *entries[WALK_ENTRIES];
	bool says_when[WALK_ENTRIES], taken[WALK_ENTRIES]; /* by entry: see entry_says_when(); was part of the walk */
	struct subject subjects[WALK_SUBJECTS];
	const struct draft *prefix; /* calls made before the walk starts; NULL: none */
	unsigned depth;
	bool daring; /* also takes steps that may fail for all one knows */
	walk_goal goal; /* NULL: every state is wanted */
	const struct walk_node *found; /* the first node that is the goal */
	size_t count, room;
	struct walk_node *nodes;
	uint64_t *hashes; /* of the nodes; of one that is there again, of how it got there */
	bool *states; /* by number: those that the chapter's rules read */
};

/* The entries whose effects set what the chapter's rules read, and the chapter's own. */
void walk_init(struct walk *walk, struct plan *plan, struct arena *arena, const struct chapter *chapter);
void walk_subjects(struct walk *walk); /* every subject with its nominal value */
const struct subject *walk_subject(const struct walk *walk, const struct arg *arg); /* NULL: the argument is none */
/* The start of the walk; NULL: reset. A walk ends where it gets to its goal. */
void walk_begin(struct walk *walk, const struct model *start, bool up, walk_goal goal);
/*
 * Every state within `depth` calls of the start, or the first node that is the goal. First by nominal calls that are sure to
 * succeed; then, with walk_dare(), by any call that may.
 */
const struct walk_node *walk_run(struct walk *walk);
const struct walk_node *walk_dare(struct walk *walk);
/* The calls that lead to the node, appended to the draft. -1: no room. */
int walk_path(const struct walk_node *node, struct draft *draft);
/*
 * The call of an entry as this walk would make it after the draft's calls, with the last handle produced (or the back-th before
 * it); false: there is none.
 */
bool walk_call(const struct walk *walk, const struct draft *path, const struct entry *entry, unsigned back, struct planned *call);
/* Appends the calls that lead from this state back to reset; -1: there are none. */
int walk_undo(struct plan *plan, struct draft *draft, const struct model *model);
/* The choices of subjects worth a walk of their own; fills walk->subjects for choice number n; false: no more. */
bool walk_choose(struct walk *walk, unsigned n);

/* The walks of a chapter, each about something else; kept until another chapter is asked for. */
struct walk_cache {
	const struct chapter *chapter;
	unsigned count;
	struct walk *walks[WALKS_MAX];
};
const struct walk_cache *plan_walks(struct plan *plan, const struct chapter *chapter);
/* A case that makes a call at a node of a walk. -1: it cannot be made there. */
int walk_case(const struct walk *walk, const struct walk_node *node, const struct planned *main, struct draft *draft);

/* ---- ids and filters (ids.c, filter.c) ---- */

const char *draft_id(struct plan *plan, const struct draft *draft);
/* "hartid=hart1,flags=max": the values of a call that are not nominal and not in `besides` anyway. */
const char *planned_values(struct plan *plan, const struct planned *call, const struct planned *besides);

struct filter {
	const char *pattern; /* NULL: all */
	char literal[128]; /* the pattern up to its first wildcard */
};
void filter_init(struct filter *filter, const char *pattern);
bool filter_entry(const struct filter *filter, const struct entry *entry); /* all of the entry's cases */
bool filter_possible(const struct filter *filter, const struct entry *entry); /* some of its cases, perhaps */
bool filter_case(const struct filter *filter, const struct plan_case *plan_case);
void filter_nearest(const struct spec *spec, const char *pattern, char *out, size_t size);

/* ---- the plan ---- */

/* How much is made at each effort. */
struct effort_limits {
	unsigned values; /* odd values an argument contributes to `boundary` */
	unsigned pair_values, strength;
	size_t pair_rows;
	uint64_t random_cases;
	unsigned witnesses; /* cases per side of a rule */
	unsigned walk_depth, walk_nodes, walk_choices;
	unsigned variants; /* odd values of one argument tried at a state */
	unsigned sequences; /* per entry */
	unsigned endings; /* cases per entry and strategy that end the guest */
};

extern const struct effort_limits effort_limits[];

struct cursor {
	unsigned pass, chapter, entry, stage;
	bool ending; /* the second sweep over a chapter: cases that end the guest */
	bool open;
	size_t next; /* draft of the stage */
	unsigned endings;
};

struct plan {
	const struct spec *spec;
	struct survey survey;
	bool *present;
	struct plan_options options;
	const struct effort_limits *limits;
	int version;
	struct arena *arena; /* lives with the plan: menus */
	struct arena *stage; /* drafts of one entry and strategy */
	struct arena *scratch; /* of one case */
	struct arena *search; /* walks that undo a case */
	struct arena *walking; /* the walks of one chapter */
	struct walk_cache walks;
	struct id_set no_way_back; /* states that walks of the current chapter could not undo */
	const struct chapter *no_way_back_of;
	struct menu *menus;
	struct filter filter;
	struct cursor cursor;
	struct drafts drafts;
	struct id_set ids;
	struct id_sieve drawn; /* random cases of the entry at the cursor */
	struct id_set sequences; /* what the sequences of the entry at the cursor do */
	struct id_set projections; /* and what it sees of the states it is called in */
	struct id_set endings; /* what was done to end the guest, for the entry at the cursor */
	struct draws draws;
	struct draft draft; /* the random one being made */
	struct plan_case current;
	struct plan *finder;
	const struct entry *only; /* NULL: every entry */
	uint8_t *text; /* for buffers of plain bytes */
	struct prediction_memo *memo;
	struct transition *transitions;
	size_t gap_count;
	struct plan_gap *gaps;
	bool vague; /* results that nothing tells about are unknown, not placeholders */
	unsigned char *has_endings; /* by entry and strategy: the first sweep saw a case that ends the guest */
};

bool plan_has_entry(const struct plan *plan, const struct entry *entry);
bool plan_is_present(const struct plan *plan, const struct entry *entry);
/* Asked for, and not there: it must not be called. */
bool plan_is_missing(const struct plan *plan, const struct entry *entry);

#endif
