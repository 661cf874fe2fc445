/* SPDX-License-Identifier: BSD-2-Clause */
/* changes_text.c - what became of an interface, for a terminal: entry by entry, two words a change, and the call that shows it. */
#include <string.h>

#include "changes.h"

bool change_is_for(const struct change *change, unsigned parties, bool clarifications)
{
	for (int party = 0; party < PARTY_COUNT; party++)
		if (parties >> party & 1 && (clarifications || change->on[party].impact != IMPACT_CLARIFICATION))
			return true;
	return false;
}

static const char *const impact_colors[IMPACT_COUNT] = { "\033[2m", "\033[32m", "\033[1;31m" };

static void write_impact(const struct weight *weight, FILE *out, const struct report_options *options)
{
	if (options->color)
		fprintf(out, "%s%-14s\033[0m", impact_colors[weight->impact], impact_names[weight->impact]);
	else
		fprintf(out, "%-14s", impact_names[weight->impact]);
}

static void write_texts(const struct change *change, FILE *out)
{
	if (change->before)
		fprintf(out, "%34s  %s\n", change->after ? "was" : "", change->before);
	if (change->after)
		fprintf(out, "%34s  %s\n", change->before ? "is" : "", change->after);
}

/* Who is let down: by an answer that only the new side allows, or only the old one. */
static void write_witness(const struct comparison *comparison, const struct change *change, enum party party, FILE *out)
{
	const struct weight *weight = &change->on[party];
	const struct side *allows = party == PARTY_CALLERS ? &comparison->new : &comparison->old;
	const struct side *forbids = party == PARTY_CALLERS ? &comparison->old : &comparison->new;

	if (weight->witness)
		fprintf(out, "%34s  %s answers %s: %s allows it, %s does not\n", "shown by", weight->witness->call,
			weight->witness->answer, side_version(allows), side_version(forbids));
	else if (weight->basis == BASIS_ASSUMED)
		fprintf(out, "%34s  hardly any call that was tried could show a difference to %s: taken for breaking\n", "",
			party_names[party]);
	else if (weight->basis == BASIS_SEARCH && weight->impact == IMPACT_CLARIFICATION)
		fprintf(out, "%34s  no call that was tried shows a difference to %s\n", "", party_names[party]);
}

static void write_change(const struct comparison *comparison, const struct change *change, unsigned parties, FILE *out,
			 const struct report_options *options)
{
	fputs("  ", out);
	write_impact(&change->on[PARTY_CALLERS], out, options);
	fputs("  ", out);
	write_impact(&change->on[PARTY_IMPLEMENTERS], out, options);
	fprintf(out, "  %s%s%s%s\n", change->what, change->cite ? "  (" : "", change->cite ? change->cite : "",
		change->cite ? ")" : "");
	write_texts(change, out);
	for (int party = 0; party < PARTY_COUNT; party++)
		if (parties >> party & 1)
			write_witness(comparison, change, (enum party)party, out);
}

static void write_head(const struct comparison *comparison, FILE *out)
{
	const struct side *old = &comparison->old, *new = &comparison->new;

	bool other = strcmp(old->spec->title, new->spec->title);

	fprintf(out, "%s %s -> %s%s%s\n", old->spec->title, side_version(old), other ? new->spec->title : "", other ? " " : "",
		side_version(new));
}

static size_t breaking_of_kind(const struct comparison *comparison, enum party party, enum change_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < comparison->count; i++)
		count += comparison->changes[i]->kind == kind && comparison->changes[i]->on[party].impact == IMPACT_BREAKING;
	return count;
}

static void write_sums(const struct comparison *comparison, size_t hidden, FILE *out)
{
	fprintf(out, "\n%zu changes\n", comparison->count);
	for (int party = 0; party < PARTY_COUNT; party++) {
		fprintf(out, "breaking for %s: %zu", party_names[party], comparison->breaking[party]);
		for (int kind = 0; kind < CHANGED_COUNT; kind++)
			if (breaking_of_kind(comparison, (enum party)party, (enum change_kind)kind))
				fprintf(out, ", %s %zu", change_kind_names[kind],
					breaking_of_kind(comparison, (enum party)party, (enum change_kind)kind));
		fputs("\n", out);
	}
	if (hidden)
		fprintf(out, "%zu not shown; --verbose shows clarifications\n", hidden);
}

int changes_text(const struct comparison *comparison, unsigned parties, FILE *out, const struct report_options *options)
{
	const char *subject = "";
	size_t hidden = 0;

	write_head(comparison, out);
	for (size_t i = 0; i < comparison->count; i++) {
		const struct change *change = comparison->changes[i];

		if (!change_is_for(change, parties, options->verbose)) {
			hidden++;
			continue;
		}
		if (!*subject)
			fprintf(out, "\n  %-14s  %-14s\n", "for callers", "implementers");
		if (strcmp(subject, change->subject))
			fprintf(out, "\n%s\n", change->subject);
		subject = change->subject;
		write_change(comparison, change, parties, out, options);
	}
	write_sums(comparison, hidden, out);
	return ferror(out) ? -1 : 0;
}
