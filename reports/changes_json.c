/* SPDX-License-Identifier: BSD-2-Clause */
/* changes_json.c - what became of an interface, for programs. reports/schema/changes.schema.json describes it. */
#include <jansson.h>

#include "changes.h"

#define SCHEMA "assay-spec-diff-1"

static json_t *text_of(const char *text)
{
	json_t *value = text ? json_string(text) : json_null();

	return value ? value : json_string("(not UTF-8)");
}

static json_t *side_of(const struct side *side)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "name", text_of(side->spec->name), "title", text_of(side->spec->title),
			 "version", text_of(side_version(side)), "revision", text_of(side->spec->revision), "directory",
			 text_of(side->spec->directory), "sha256", text_of(side->spec->sha256));
}

static json_t *witness_of(const struct witness *witness)
{
	if (!witness)
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "call", text_of(witness->call), "answer", text_of(witness->answer), "breaks",
			 text_of(witness->demand));
}

static json_t *weight_of(const struct weight *weight)
{
	return json_pack("{s:s, s:s, s:o}", "class", impact_names[weight->impact], "basis", basis_names[weight->basis], "witness",
			 witness_of(weight->witness));
}

static json_t *change_of(const struct change *change)
{
	json_t *object = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "kind", change_kind_names[change->kind], "subject",
				   text_of(change->subject), "what", text_of(change->what), "before", text_of(change->before),
				   "after", text_of(change->after), "cite", text_of(change->cite));

	for (int party = 0; party < PARTY_COUNT; party++)
		json_object_set_new(object, party_names[party], weight_of(&change->on[party]));
	return object;
}

int changes_json(const struct comparison *comparison, unsigned parties, FILE *out, const struct report_options *options)
{
	json_t *breaking = json_object(), *changes = json_array(), *object;
	int failed;

	(void)options; /* a machine can leave out for itself what it does not want */
	for (int party = 0; party < PARTY_COUNT; party++)
		json_object_set_new(breaking, party_names[party], json_integer((json_int_t)comparison->breaking[party]));
	for (size_t i = 0; i < comparison->count; i++)
		if (change_is_for(comparison->changes[i], parties, true))
			json_array_append_new(changes, change_of(comparison->changes[i]));
	object = json_pack("{s:s, s:o, s:o, s:o, s:o}", "schema", SCHEMA, "old", side_of(&comparison->old), "new",
			   side_of(&comparison->new), "breaking", breaking, "changes", changes);
	failed = json_dumpf(object, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(object);
	return failed || ferror(out) ? -1 : 0;
}
