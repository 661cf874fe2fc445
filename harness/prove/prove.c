/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prove.c - the entries of a specification, a thread for each processor; each entry has a context of z3 of its own.
 */
#include "prove/prove.h"

#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "prove/cache.h"
#include "prove/digest.h"
#include "prove/proof.h"

#define THREADS_MAX 16

struct work {
	const struct spec *spec;
	const struct prove_options *options;
	atomic_size_t next;
	struct cached *outcomes; /* by entry */
	bool *known; /* by entry: it was in the cache */
	struct arena **arenas; /* by entry: messages */
};

static void ask_everything(struct proof *proof)
{
	int versions[64];
	size_t count;

	find_idle_rules(proof);
	if (proof->spec->version_count > sizeof(versions) / sizeof(versions[0]))
		return;
	count = proof_versions(proof, versions);
	for (size_t i = 0; i < count; i++) {
		find_conflicts(proof, versions[i]);
		find_silence(proof, versions[i]);
	}
}

/* What z3 has to say of a mistake of ours is read from its context; it must not end the program. */
static void keep_quiet(Z3_context z3, Z3_error_code code)
{
	(void)z3;
	(void)code;
}

static void prove_entry(struct work *work, size_t number)
{
	struct arena *arena = work->arenas[number];
	struct cached *outcome = &work->outcomes[number];
	Z3_config config = Z3_mk_config();
	Z3_context z3 = Z3_mk_context(config);
	struct proof proof;

	Z3_set_error_handler(z3, keep_quiet);
	if (proof_init(&proof, work->spec->entries[number], work->spec, z3, arena))
		ask_everything(&proof);
	else
		proof_undecided(&proof, "its rules are too large");
	if (proof.failed)
		proof_undecided(&proof, "z3: %s", Z3_get_error_msg(z3, Z3_get_error_code(z3)));
	*outcome = (struct cached){ .count = proof.found_count, .undecided = proof.undecided };
	if (proof.found_count)
		outcome->found = arena_copy(arena, proof.found, proof.found_count * sizeof(*proof.found));
	proof_free(&proof);
	Z3_del_context(z3);
	Z3_del_config(config);
}

static void look_up_or_prove(struct work *work, size_t number)
{
	const struct entry *entry = work->spec->entries[number];
	const char *cache = work->options->cache;
	char digest[DIGEST_TEXT];

	work->arenas[number] = arena_new();
	if (!cache) {
		prove_entry(work, number);
		return;
	}
	digest_entry(work->spec, entry, digest);
	work->known[number] = cache_get(cache, digest, entry, work->arenas[number], &work->outcomes[number]);
	if (work->known[number])
		return;
	prove_entry(work, number);
	cache_put(cache, digest, &work->outcomes[number]);
}

static void *run(void *context)
{
	struct work *work = context;
	size_t number;

	while ((number = atomic_fetch_add(&work->next, 1)) < work->spec->entry_count)
		look_up_or_prove(work, number);
	return NULL;
}

static unsigned thread_count(const struct prove_options *options)
{
	long processors = options->threads ? (long)options->threads : sysconf(_SC_NPROCESSORS_ONLN);

	return processors < 1 ? 1 : processors > THREADS_MAX ? THREADS_MAX : (unsigned)processors;
}

static void run_all(struct work *work)
{
	pthread_t threads[THREADS_MAX];
	unsigned count = thread_count(work->options), started = 0;

	while (started + 1 < count && !pthread_create(&threads[started], NULL, run, work))
		started++;
	run(work);
	while (started--)
		pthread_join(threads[started], NULL);
}

/* --- what the entry explains --- */

static bool is_part_of_name(char letter)
{
	return isalnum((unsigned char)letter) || letter == '_' || letter == '-';
}

static bool speaks_of(const char *message, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = strstr(message, name); at; at = strstr(at + 1, name)) {
		if ((at == message || !is_part_of_name(at[-1])) && !is_part_of_name(at[length]))
			return true;
	}
	return false;
}

static bool explains(const struct accepted *accepted, const char *code, const char *message)
{
	bool all = !strcmp(accepted->code, code);

	for (size_t i = 0; all && i < accepted->name_count; i++)
		all = speaks_of(message, accepted->names[i]);
	return all;
}

struct telling {
	const struct entry *entry;
	struct findings *findings;
	bool *used; /* by explanation */
};

static void tell_one(struct telling *telling, enum severity severity, const struct rule *rule, const char *code,
		     const char *message)
{
	const struct entry *entry = telling->entry;
	bool explained = false;

	for (size_t i = 0; severity == SEVERITY_WARNING && i < entry->accepted_count; i++) {
		if (!explains(&entry->accepted[i], code, message))
			continue;
		telling->used[i] = explained = true;
	}
	if (!explained)
		findings_add(telling->findings, severity, rule ? rule->where : entry->where, code, "%s", message);
}

/* While a question is open nobody knows what would have been found. */
static void tell_unused(const struct telling *telling, bool open)
{
	for (size_t i = 0; i < telling->entry->accepted_count; i++) {
		const struct accepted *accepted = &telling->entry->accepted[i];

		if (telling->used[i] || (open && strcmp(accepted->code, "undecided")))
			continue;
		findings_add(telling->findings, SEVERITY_WARNING, accepted->where, "nothing-to-accept",
			     "nothing is found any more that this accepts: no `%s`%s", accepted->code,
			     accepted->name_count ? " of these names" : "");
	}
}

static void tell(const struct work *work, size_t number, struct findings *findings, struct prove_summary *summary)
{
	const struct entry *entry = work->spec->entries[number];
	const struct cached *outcome = &work->outcomes[number];
	struct telling telling = { entry, findings, xcalloc(entry->accepted_count + 1, sizeof(bool)) };

	summary->entries++;
	summary->cached += work->known[number];
	for (size_t i = 0; i < outcome->count; i++) {
		const struct proved *proved = &outcome->found[i];

		tell_one(&telling, proved->severity, proved->rule, proved->code, proved->message);
	}
	if (outcome->undecided) {
		summary->undecided++;
		tell_one(&telling, SEVERITY_WARNING, NULL, "undecided",
			 arena_printf(work->arenas[number], "not decided of %s: %s", entry->name, outcome->undecided));
	}
	tell_unused(&telling, outcome->undecided != NULL);
	free(telling.used);
}

int prove_spec(const struct spec *spec, const struct prove_options *options, struct findings *findings,
	       struct prove_summary *summary, struct err *err)
{
	struct work work = { .spec = spec, .options = options };

	(void)err;
	work.outcomes = xcalloc(spec->entry_count + 1, sizeof(*work.outcomes));
	work.known = xcalloc(spec->entry_count + 1, sizeof(*work.known));
	work.arenas = xcalloc(spec->entry_count + 1, sizeof(struct arena *));
	*summary = (struct prove_summary){ 0 };
	run_all(&work);
	for (size_t i = 0; i < spec->entry_count; i++) {
		tell(&work, i, findings, summary);
		arena_free(work.arenas[i]);
	}
	free(work.outcomes);
	free(work.known);
	free(work.arenas);
	return 0;
}
