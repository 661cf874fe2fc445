/* SPDX-License-Identifier: BSD-2-Clause */
/* doc.c - walks a specification and tells a writer what is in it, in the order of the document. */
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "doc/writer.h"

struct walk {
	struct doc_page page;
	const struct doc_writer *writer;
};

bool doc_has_entry(const struct doc_page *page, const struct entry *entry)
{
	return spec_in_version(entry->since, entry->until, page->version) &&
	       spec_in_version(entry->chapter->since, entry->chapter->until, page->version);
}

static bool has_rule(const struct doc_page *page, const struct rule *rule)
{
	return spec_in_version(rule->since, rule->until, page->version);
}

static void text(struct walk *walk, const char *words)
{
	walk->writer->text(&walk->page, words);
}

static void row2(struct walk *walk, const char *name, const char *value)
{
	const char *const cells[] = { name, value };

	if (value && *value)
		walk->writer->row(&walk->page, cells);
}

/* ---- the convention ---- */

static const char *registers(struct arena *arena, const char *const *names, size_t count)
{
	const char *words = "";

	for (size_t i = 0; i < count; i++)
		words = arena_printf(arena, "%s%s`%s`", words, i ? ", " : "", names[i]);
	return words;
}

static const char *selector_places(struct arena *arena, const struct convention *convention)
{
	const char *words = "";

	for (size_t i = 0; i < convention->selector_count; i++)
		words = arena_printf(arena, "%s%s%s in `%s`", words, i ? ", " : "", convention->selector_name[i],
				     place_text(arena, &convention->selector[i]));
	return words;
}

static const char *result_places(struct arena *arena, const struct convention *convention)
{
	const char *words = "";

	for (size_t i = 0; i < convention->result_count; i++)
		words = arena_printf(arena, "%s%s`%s` (%s) in `%s`", words, i ? ", " : "", convention->results[i].name,
				     doc_type(arena, convention->results[i].type),
				     place_text(arena, &convention->results[i].place));
	return words;
}

static void write_convention(struct walk *walk)
{
	const struct convention *convention = &walk->page.spec->convention;
	struct arena *arena = walk->page.arena;

	walk->writer->chapter(&walk->page, "convention", "Calling convention", NULL);
	walk->writer->table(&walk->page, 2, NULL);
	row2(walk, "gate", arena_printf(arena, "`%s`", convention->gate));
	row2(walk, "word",
	     arena_printf(arena, "%u bits, %s endian", convention->word, convention->big_endian ? "big" : "little"));
	row2(walk, "selector", selector_places(arena, convention));
	row2(walk, "arguments", registers(arena, convention->arguments, convention->argument_count));
	row2(walk, "results", result_places(arena, convention));
	row2(walk, "registers kept",
	     doc_preserved(arena, convention->preserve_all_but, convention->preserved_count, convention->preserved));
	row2(walk, "control registers kept", registers(arena, convention->control, convention->control_preserved));
	if (convention->unsupported)
		row2(walk, "a call that is not there", arena_printf(arena, "`%s`", expr_text(convention->unsupported)));
	walk->writer->table_end(&walk->page);
}

static bool has_structures(const struct spec *spec)
{
	for (size_t i = 0; i < spec->entry_count; i++)
		if (spec->entries[i]->is_structure)
			return true;
	return false;
}

static void write_universal(struct walk *walk)
{
	static const char *const heads[] = { "rule", "says", "source" };
	static const char *const says[UNIVERSAL_COUNT] = {
		[UNIVERSAL_RETURNS] = "a call ends as its entry says, which is nearly always by returning",
		[UNIVERSAL_DECLARED_ERROR] = "it answers one of the error codes of its entry",
		[UNIVERSAL_PRESERVED_REGISTERS] = "the registers above are as they were",
		[UNIVERSAL_PRESERVED_CONTROL] = "so are the control registers",
		[UNIVERSAL_GUARD_ZONES] = "memory around the buffers of a call is as it was",
		[UNIVERSAL_DECLARED_WRITES] = "so is memory that may only be read",
		[UNIVERSAL_CONSOLE_SILENCE] = "nothing is written to the console",
		[UNIVERSAL_DEADLINE] = "it takes no longer than its deadline",
		[UNIVERSAL_UNSUPPORTED] = "a call that is not there says so",
		[UNIVERSAL_FOUND] = "a structure is there, where it is looked for",
	};
	const struct convention *convention = &walk->page.spec->convention;

	walk->writer->label(&walk->page, "Every call");
	walk->writer->table(&walk->page, 3, heads);
	for (int i = 0; i < UNIVERSAL_COUNT; i++) {
		if (i == UNIVERSAL_FOUND && !has_structures(walk->page.spec))
			continue;

		bool open = convention->unspecified >> i & 1;
		const char *cite = convention->cites[i] ? convention->cites[i] : "";
		const char *const cells[] = { arena_printf(walk->page.arena, "`%s`", universal_rules[i]), says[i],
					      open ? "left open: observed only" : cite };

		walk->writer->row(&walk->page, cells);
	}
	walk->writer->table_end(&walk->page);
}

static void write_names(struct walk *walk, const char *title, const struct named_value *list, size_t count, bool is_signed)
{
	static const char *const heads[] = { "name", "value" };

	if (!count)
		return;
	walk->writer->label(&walk->page, title);
	walk->writer->table(&walk->page, 2, heads);
	for (size_t i = 0; i < count; i++)
		row2(walk, arena_printf(walk->page.arena, "`%s`", list[i].name),
		     arena_printf(walk->page.arena, "`%s`", doc_number(walk->page.arena, list[i].value, is_signed)));
	walk->writer->table_end(&walk->page);
}

/* ---- an entry ---- */

static void write_args(struct walk *walk, const struct entry *entry)
{
	static const char *const heads[] = { "argument", "type", "in", "meaning" };
	struct arena *arena = walk->page.arena;

	if (!entry->arg_count)
		return;
	walk->writer->label(&walk->page, "Arguments");
	walk->writer->table(&walk->page, 4, heads);
	for (size_t i = 0; i < entry->arg_count; i++) {
		const struct arg *arg = &entry->args[i];
		const char *const cells[] = { arena_printf(arena, "`%s`", arg->name), doc_type(arena, arg->type),
					      arena_printf(arena, "`%s`", place_text(arena, &arg->place)),
					      doc_meaning(arena, entry, arg) };

		walk->writer->row(&walk->page, cells);
	}
	walk->writer->table_end(&walk->page);
}

static const char *errors(struct arena *arena, const struct entry *entry)
{
	const char *words = "";

	for (size_t i = 0; i < entry->error_count; i++)
		words = arena_printf(arena, "%s%s`%s`", words, i ? ", " : "", entry->errors[i].name);
	return words;
}

static const char *result_meaning(struct walk *walk, const struct entry *entry, size_t number)
{
	struct arena *arena = walk->page.arena;

	if ((int)number == walk->page.spec->convention.status && entry->errors)
		return entry->error_count ? errors(arena, entry) : "no code is listed";
	return doc_values(arena, entry->results[number].type);
}

static void write_results(struct walk *walk, const struct entry *entry)
{
	static const char *const heads[] = { "result", "type", "in", "meaning" };
	struct arena *arena = walk->page.arena;

	if (!entry->result_count)
		return;
	walk->writer->label(&walk->page, "Results");
	walk->writer->table(&walk->page, 4, heads);
	for (size_t i = 0; i < entry->result_count; i++) {
		const struct result *result = &entry->results[i];
		const char *const cells[] = { arena_printf(arena, "`%s`", result->name), doc_type(arena, result->type),
					      arena_printf(arena, "`%s`", place_text(arena, &result->place)),
					      result_meaning(walk, entry, i) };

		walk->writer->row(&walk->page, cells);
	}
	walk->writer->table_end(&walk->page);
}

static const char *outcomes(struct arena *arena, unsigned bits)
{
	static const struct {
		unsigned bit;
		const char *word;
	} words[] = {
		{ OUTCOME_RETURNS, "returns" },
		{ OUTCOME_LANDS, "runs on at a prepared address" },
		{ OUTCOME_STOPS, "stops this CPU" },
		{ OUTCOME_BLOCKS, "returns when something wakes it" },
		{ OUTCOME_SHUTDOWN, "switches the machine off" },
		{ OUTCOME_RESET, "resets the machine" },
		{ OUTCOME_TRAPS, "traps" },
	};
	const char *list = "";

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (bits & words[i].bit)
			list = arena_printf(arena, "%s%s%s", list, *list ? ", or " : "", words[i].word);
	return list;
}

static const char *changes(struct walk *walk, const struct entry *entry)
{
	const struct convention *convention = &walk->page.spec->convention;
	const char *list = "";

	for (size_t i = 0; i < convention->control_count; i++)
		if (entry->changes & (1u << i))
			list = arena_printf(walk->page.arena, "%s%s`%s`", list, *list ? ", " : "", convention->control[i]);
	return list;
}

static const char *effects(struct walk *walk, const struct entry *entry)
{
	struct arena *arena = walk->page.arena;
	const char *list = "";

	for (size_t i = 0; i < entry->effect_count; i++) {
		const struct effect *effect = &entry->effects[i];
		const struct state *state = walk->page.spec->states[effect->state];
		const char *key = "";

		for (unsigned k = 0; k < effect->keys; k++)
			key = arena_printf(arena, "%s[%s]", key, expr_text(effect->key[k]));
		list = arena_printf(arena, "%s%s`%s%s` becomes %s%s%s", list, *list ? "; " : "", state->name, key,
				    effect->value ? "`" : "", effect->value ? expr_text(effect->value) : "unknown",
				    effect->value ? "`" : "");
		if (effect->when)
			list = arena_printf(arena, "%s when `%s`", list, expr_text(effect->when));
	}
	return list;
}

static void write_facts(struct walk *walk, const struct entry *entry)
{
	const struct preserved *preserved = entry->preserved;
	const struct spec_call *question = spec_question(entry);
	struct arena *arena = walk->page.arena;

	walk->writer->table(&walk->page, 2, NULL);
	row2(walk, "selector", doc_selector(arena, walk->page.spec, entry));
	row2(walk, "source", entry->cite);
	if (entry->absent)
		row2(walk, "may be missing", arena_printf(arena, "then `%s`", expr_text(entry->absent)));
	if (question && doc_has_entry(&walk->page, question->entry))
		row2(walk, "may be missing",
		     arena_printf(arena, "it is there when `%s` gives `%s`", doc_call(arena, question),
				  expr_text(question->when)));
	if (entry->outcomes != OUTCOME_RETURNS)
		row2(walk, "ends", outcomes(arena, entry->outcomes));
	if (entry->secondary)
		row2(walk, "called on", "another CPU than the boot CPU");
	if (entry->console_output)
		row2(walk, "console", "may write to it");
	if (preserved)
		row2(walk, "registers kept", doc_preserved(arena, preserved->all_but, preserved->count, preserved->names));
	row2(walk, "may change", changes(walk, entry));
	if (entry->deadline_ns != walk->page.spec->convention.deadline_ns)
		row2(walk, "deadline", doc_time(arena, entry->deadline_ns));
	row2(walk, "leaves behind", effects(walk, entry));
	walk->writer->table_end(&walk->page);
}

/* What is said of the whole need not be said of its parts again. */
static const char *own_versions(const struct walk *walk, int since, int until, int outer_since, int outer_until)
{
	return doc_versions(walk->page.arena, walk->page.spec, since == outer_since ? -1 : since,
			    until == outer_until ? -1 : until);
}

/* Rules of the wanted strengths. */
static void write_rules(struct walk *walk, const struct entry *entry, const char *title, unsigned strengths)
{
	static const char *const words[] = {
		[MUST] = "must", [MUST_NOT] = "must not", [SHOULD] = "should",
		[MAY] = "may",	 [UNSPECIFIED] = "open",  [UNOBSERVABLE] = "unseen",
	};
	bool titled = false;

	for (size_t i = 0; i < entry->rule_count; i++) {
		const struct rule *rule = entry->rules[i];
		const struct doc_rule shown = {
			.id = rule->id,
			.strength = words[rule->strength],
			.when = rule->when ? expr_text(rule->when) : NULL,
			.must = rule->must ? expr_text(rule->must) : NULL,
			.cite = rule->cite,
			.note = rule->note && rule->reason ? arena_printf(walk->page.arena, "%s: %s", rule->note, rule->reason)
				: rule->note		   ? rule->note
							   : rule->reason,
			.versions = own_versions(walk, rule->since, rule->until, entry->since, entry->until),
			.likely = rule->likely,
		};

		if (!(strengths >> rule->strength & 1) || !has_rule(&walk->page, rule))
			continue;
		if (!titled)
			walk->writer->label(&walk->page, title);
		titled = true;
		walk->writer->rule(&walk->page, &shown);
	}
}

static const char *with_versions(struct walk *walk, const char *words, const char *versions)
{
	if (!versions)
		return words;
	return words && *words ? arena_printf(walk->page.arena, "%s, %s", words, versions) : versions;
}

static void write_structure(struct walk *walk, const struct entry *entry)
{
	static const char *const heads[] = { "offset", "field", "type", "count" };
	const struct structure *structure = entry->structure;
	struct arena *arena = walk->page.arena;

	walk->writer->table(&walk->page, 2, NULL);
	row2(walk, "source", entry->cite);
	if (structure->signature)
		row2(walk, "signature", arena_printf(arena, "`%s`", structure->signature));
	if (structure->pointer)
		row2(walk, "found through", arena_printf(arena, "`%s`", structure->pointer));
	else
		row2(walk, "looked for",
		     arena_printf(arena, "`0x%" PRIx64 "` to `0x%" PRIx64 "`, every %" PRIu64 " bytes", structure->range_low,
				  structure->range_high, structure->step));
	row2(walk, "byte order", structure->big_endian ? "big endian" : "little endian");
	if (structure->optional)
		row2(walk, "may be missing", "it need not be there");
	walk->writer->table_end(&walk->page);
	walk->writer->table(&walk->page, 4, heads);
	for (size_t i = 0; i < structure->field_count; i++) {
		const struct structure_field *field = &structure->fields[i];
		const char *const cells[] = { arena_printf(arena, "%u", field->offset), arena_printf(arena, "`%s`", field->name),
					      doc_type(arena, field->type), arena_printf(arena, "%u", field->count) };

		walk->writer->row(&walk->page, cells);
	}
	walk->writer->table_end(&walk->page);
}

static void write_entry(struct walk *walk, const struct entry *entry)
{
	walk->writer->entry(
		&walk->page, entry->full_id, entry->name,
		with_versions(walk, entry->title ? entry->title : "",
			      own_versions(walk, entry->since, entry->until, entry->chapter->since, entry->chapter->until)));
	if (entry->is_structure) {
		write_structure(walk, entry);
	} else {
		walk->writer->code(&walk->page, doc_signature(walk->page.arena, entry));
		write_facts(walk, entry);
		write_args(walk, entry);
		write_results(walk, entry);
	}
	write_rules(walk, entry, "Rules", 1u << MUST | 1u << MUST_NOT);
	write_rules(walk, entry, "Recommended or allowed", 1u << SHOULD | 1u << MAY);
	write_rules(walk, entry, "Left open", 1u << UNSPECIFIED);
	write_rules(walk, entry, "Said, but not to be seen by a caller", 1u << UNOBSERVABLE);
}

/* ---- chapters ---- */

static void write_state(struct walk *walk, const struct chapter *chapter)
{
	static const char *const heads[] = { "state", "type", "keys", "after a reset" };
	const struct spec *spec = walk->page.spec;
	struct arena *arena = walk->page.arena;
	bool begun = false;

	for (size_t i = 0; i < spec->state_count; i++) {
		const struct state *state = spec->states[i];
		const char *const cells[] = { arena_printf(arena, "`%s`", state->name), doc_type(arena, state->type),
					      arena_printf(arena, "%u", state->keys),
					      state->init ? arena_printf(arena, "`%s`", expr_text(state->init)) : "not known" };

		if (state->chapter != chapter)
			continue;
		if (!begun) {
			walk->writer->label(&walk->page, "What calls leave behind");
			walk->writer->table(&walk->page, 4, heads);
		}
		begun = true;
		walk->writer->row(&walk->page, cells);
	}
	if (begun)
		walk->writer->table_end(&walk->page);
}

static void write_chapter(struct walk *walk, const struct chapter *chapter)
{
	const char *anchor = arena_printf(walk->page.arena, "%s.%s", walk->page.spec->name, chapter->name);
	bool there = false;

	for (size_t i = 0; i < chapter->entry_count; i++)
		there |= doc_has_entry(&walk->page, chapter->entries[i]);
	if (!there)
		return;
	walk->writer->chapter(&walk->page, anchor, chapter->title ? chapter->title : chapter->name,
			      with_versions(walk, chapter->cite,
					    doc_versions(walk->page.arena, walk->page.spec, chapter->since, chapter->until)));
	if (chapter->presence)
		text(walk, arena_printf(walk->page.arena, "May be missing. It is there when `%s` gives `%s`.",
					doc_call(walk->page.arena, chapter->presence), expr_text(chapter->presence->when)));
	write_state(walk, chapter);
	for (size_t i = 0; i < chapter->entry_count; i++)
		if (doc_has_entry(&walk->page, chapter->entries[i]))
			write_entry(walk, chapter->entries[i]);
}

static const char *subtitle(const struct walk *walk)
{
	const struct spec *spec = walk->page.spec;
	struct arena *arena = walk->page.arena;

	return arena_printf(
		arena, "Version %s of the interface, after %s %s%s%s. Generated from the specification `%s`, sha256 `%.16s`.",
		walk->page.version >= 0 ? spec->versions[walk->page.version] : spec->revision, spec->document, spec->revision,
		spec->url ? ", " : "", spec->url ? spec->url : "", spec->name, spec->sha256);
}

int doc_write(const struct spec *spec, int version, FILE *out, const struct doc_writer *writer)
{
	struct walk walk = { { .spec = spec, .version = version, .out = out, .arena = arena_new() }, writer };

	writer->begin(&walk.page, spec->title, subtitle(&walk));
	if (spec->convention.gate)
		write_convention(&walk), write_universal(&walk);
	write_names(&walk, "Error codes", spec->errors, spec->error_count, true);
	write_names(&walk, "Constants", spec->constants, spec->constant_count, false);
	for (size_t i = 0; i < spec->chapter_count; i++)
		write_chapter(&walk, spec->chapters[i]);
	writer->end(&walk.page);
	arena_free(walk.page.arena);
	return ferror(out) ? -1 : 0;
}
