/* SPDX-License-Identifier: BSD-2-Clause */
#include "spec/consumer.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "spec/lint.h"
#include "spec/load.h"

#define LIMIT_NEEDS 256
#define LIMIT_USES  512
#define LIMIT_FILES 256

/* A profile while it is read. */
struct profile {
	struct consumer *consumer;
	const char *interface;
	struct need *need; /* that is being read */
};

static void keep_node(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)load;
	(void)key;
	*(const struct node **)slot = value;
}

/* ---- a need ---- */

struct need_text {
	const char *id, *cite, *line, *because, *unobservable;
	const struct node *entry, *there, *when, *each, *must, *otherwise;
};

static const struct key need_keys[] = {
	{ "id", true, read_id, offsetof(struct need_text, id) },
	{ "cite", true, read_text, offsetof(struct need_text, cite) },
	{ "line", true, read_text, offsetof(struct need_text, line) },
	{ "entry", false, keep_node, offsetof(struct need_text, entry) },
	{ "there", false, keep_node, offsetof(struct need_text, there) },
	{ "when", false, keep_node, offsetof(struct need_text, when) },
	{ "each", false, keep_node, offsetof(struct need_text, each) },
	{ "must", false, keep_node, offsetof(struct need_text, must) },
	{ "unobservable", false, read_text, offsetof(struct need_text, unobservable) },
	{ "otherwise", true, keep_node, offsetof(struct need_text, otherwise) },
	{ "because", true, read_text, offsetof(struct need_text, because) },
};
static const struct mapping need_mapping = MAPPING("a need", need_keys);

static void add_entry(struct load *load, const struct node *node, struct need *need)
{
	const struct entry *entry = load_find_entry(load, "entry", node);

	if (entry && need->entry_count == NEED_ENTRIES)
		load_error(load, node, "too-many", "a need names at most %d entries", NEED_ENTRIES);
	else if (entry)
		need->entries[need->entry_count++] = entry;
}

static void read_entries(struct load *load, const struct node *node, struct need *need)
{
	if (node->kind != NODE_SEQUENCE) {
		add_entry(load, node, need);
		return;
	}
	if (!node->count)
		load_error(load, node, "missing-key", "a need names at least one entry");
	for (size_t i = 0; i < node->count; i++)
		add_entry(load, node->items[i], need);
}

static int arg_of(const struct entry *entry, const char *name)
{
	for (size_t i = 0; i < entry->arg_count; i++)
		if (!strcmp(entry->args[i].name, name))
			return (int)i;
	return -1;
}

/* `each: { number: [67..70] }` */
static void read_each(struct load *load, const struct node *node, struct need *need)
{
	int arg;

	if (!load_is(load, node, NODE_MAPPING, "`each`"))
		return;
	if (node->count != 1) {
		load_error(load, node, "wrong-type", "`each` is one argument and its values, got %zu", node->count);
		return;
	}
	arg = arg_of(load->entry, node->keys[0]->text);
	if (arg < 0) {
		load_error(load, node->keys[0], "unknown-name", "%s has no argument `%s`", load->entry->full_id,
			   node->keys[0]->text);
		return;
	}
	need->each_arg = (unsigned)arg;
	need->each = load_set(load, "each", node->items[0], load->entry->args[arg].type->base);
	if (need->each && need_each_count(need) > NEED_EACH)
		load_error(load, node->items[0], "too-many", "`each` has at most %d values", NEED_EACH);
}

/* Over what is known of a call of the entry; of several entries only whether they are there. */
static void read_demand(struct load *load, const struct node *node, const struct need_text *text, struct need *need)
{
	static const char *const words[] = { "true" };

	int ways = !!text->there + !!text->must + !!text->unobservable;

	if (ways != 1)
		load_error(load, node, ways ? "conflicting-keys" : "missing-key",
			   "a need has one of the keys `there`, `must` and `unobservable`");
	if (!text->entry && !text->unobservable)
		load_error(load, node, "missing-key", "a need needs the key `entry`");
	if (text->there)
		load_choice(load, "there", text->there, words, 1);
	if (text->there && (text->when || text->each))
		load_error(load, text->when ? text->when : text->each, "conflicting-keys",
			   "`when` and `each` choose calls: they go with `must`");
	if (text->must && need->entry_count > 1)
		load_error(load, text->must, "conflicting-keys", "`must` is over one entry, `there` may be over several");
	if (need->entry_count != 1)
		return;
	load->entry = (struct entry *)need->entries[0];
	load->chapter = (struct chapter *)load->entry->chapter;
	if (text->when && !text->there)
		load_expr(load, text->when, &need->when, true, SEE_ARGS | SEE_RESULTS | SEE_WORLD);
	if (text->each && !text->there)
		read_each(load, text->each, need);
	if (text->must && !text->there)
		load_expr(load, text->must, &need->must, true, SEE_ARGS | SEE_RESULTS | SEE_WORLD);
}

static void check_twice(struct load *load, const struct node *node, const struct profile *profile, const struct need *need)
{
	for (const struct need *other = profile->consumer->needs; other < need; other++)
		if (!strcmp(other->id, need->id))
			load_error(load, node, "duplicate-id", "a second `%s`; the first one is in line %u", need->id,
				   other->where.line);
}

static void load_need(struct load *load, const struct node *node, struct profile *profile, struct need *need)
{
	static const char *const consequences[] = { "loses", "refuses", "crashes" };
	struct need_text text = { .id = "" };
	int otherwise;

	load_mapping(load, &need_mapping, node, &text);
	*need = (struct need){ .id = text.id,
			       .cite = text.cite,
			       .line = text.line,
			       .because = text.because,
			       .unobservable = text.unobservable,
			       .where = node->where };
	otherwise = text.otherwise ? load_choice(load, "otherwise", text.otherwise, consequences, 3) : -1;
	need->otherwise = otherwise < 0 ? CONSEQUENCE_LOSES : (enum consequence)otherwise;
	if (node->kind != NODE_MAPPING)
		return;
	check_twice(load, node, profile, need);
	if (text.entry)
		read_entries(load, text.entry, need);
	read_demand(load, node, &text, need);
}

/* ---- a profile ---- */

static void read_needs(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct profile *profile = slot;
	struct need *needs;

	if (!load_list(load, key, value, LIMIT_NEEDS))
		return;
	profile->consumer->needs = needs = arena_new_array(load->arena, struct need, value->count);
	for (size_t i = 0; i < value->count; i++)
		load_need(load, value->items[i], profile, &needs[i]);
	profile->consumer->need_count = value->count;
}

static void read_uses(struct load *load, const char *key, const struct node *value, void *slot)
{
	struct consumer *consumer = ((struct profile *)slot)->consumer;

	if (!load_list(load, key, value, LIMIT_USES))
		return;
	consumer->uses = arena_new_array(load->arena, const struct entry *, value->count);
	for (size_t i = 0; i < value->count; i++) {
		const struct entry *entry = load_find_entry(load, key, value->items[i]);

		if (entry)
			consumer->uses[consumer->use_count++] = entry;
	}
}

static const struct key source_keys[] = {
	{ "title", true, read_text, offsetof(struct consumer, source) },
	{ "url", true, read_text, offsetof(struct consumer, url) },
};
static const struct mapping source_mapping = MAPPING("`source`", source_keys);

static void read_source(struct load *load, const char *key, const struct node *value, void *slot)
{
	(void)key;
	load_mapping(load, &source_mapping, value, ((struct profile *)slot)->consumer);
}

static void read_title(struct load *load, const char *key, const struct node *value, void *slot)
{
	read_text(load, key, value, &((struct profile *)slot)->consumer->title);
}

static void read_consumer(struct load *load, const char *key, const struct node *value, void *slot)
{
	read_text(load, key, value, &((struct profile *)slot)->consumer->name);
}

static void read_interface(struct load *load, const char *key, const struct node *value, void *slot)
{
	read_text(load, key, value, &((struct profile *)slot)->interface);
}

static const struct key profile_keys[] = {
	{ "consumer", true, read_consumer, 0 }, { "title", true, read_title, 0 }, { "interface", true, read_interface, 0 },
	{ "source", true, read_source, 0 },	{ "needs", true, read_needs, 0 }, { "uses", false, read_uses, 0 },
};
static const struct mapping profile_mapping = MAPPING("a consumer's profile", profile_keys);

const struct consumer *consumer_load(struct spec *spec, const char *path, struct findings *findings)
{
	struct load *load = spec->load;
	struct consumer *consumer = arena_alloc(spec->arena, sizeof(*consumer));
	struct profile profile = { .consumer = consumer, .interface = "" };
	size_t errors = findings->errors;
	const struct node *root;

	*consumer = (struct consumer){ .name = "", .title = "" };
	load->findings = findings;
	load->works.count = 0;
	root = load_file(load, arena_strdup(spec->arena, path), NULL);
	if (root)
		load_mapping(load, &profile_mapping, root, &profile);
	load_run_later(load);
	load->entry = NULL;
	findings_sort(findings);
	return findings->errors == errors ? consumer : NULL;
}

const char *consumer_interface(struct arena *arena, const char *path)
{
	struct err err;
	const struct node *root = node_load(arena, path, &node_limits_default, &err);
	const struct node *interface = root && node_get(root, "consumer") ? node_get(root, "interface") : NULL;

	if (!root || !node_get(root, "consumer"))
		return NULL;
	return interface && interface->kind == NODE_SCALAR ? interface->text : "";
}

/* ---- each ---- */

int need_each(const struct need *need, uint64_t value)
{
	uint64_t before = 0;

	for (size_t i = 0; need->each && i < need->each->count; i++) {
		const struct int_range *range = &need->each->ranges[i];

		if (value >= (uint64_t)range->low && value <= (uint64_t)range->high) {
			before += value - (uint64_t)range->low;
			return before < NEED_EACH ? (int)before : -1;
		}
		before += (uint64_t)range->high - (uint64_t)range->low + 1;
	}
	return -1;
}

unsigned need_each_count(const struct need *need)
{
	uint64_t count = 0;

	for (size_t i = 0; need->each && i < need->each->count && count <= NEED_EACH; i++) {
		uint64_t more = (uint64_t)need->each->ranges[i].high - (uint64_t)need->each->ranges[i].low;

		count = more > NEED_EACH ? NEED_EACH + 1 : count + more + 1;
	}
	return count > NEED_EACH ? NEED_EACH + 1 : (unsigned)count;
}

/* ---- a directory of them ---- */

static int is_profile(const struct dirent *name)
{
	size_t length = strlen(name->d_name);

	return name->d_name[0] != '.' && length > 5 && !strcmp(name->d_name + length - 5, ".yaml");
}

const char *consumers_directory(const struct spec *spec)
{
	const char *slash = strrchr(spec->directory, '/');

	return slash ? arena_printf(spec->arena, "%.*s/consumers", (int)(slash - spec->directory), spec->directory) : "consumers";
}

struct consumers *consumers_load(struct spec *spec, const char *directory, struct findings *findings)
{
	struct consumers *consumers = arena_alloc(spec->arena, sizeof(*consumers));
	struct dirent **names;
	int count = scandir(directory, &names, is_profile, alphasort);

	if (count < 0)
		return consumers;
	consumers->list = arena_new_array(spec->arena, const struct consumer *, count);
	for (int i = 0; i < count; i++) {
		const char *path = arena_printf(spec->arena, "%s/%s", directory, names[i]->d_name);
		const char *interface = i < LIMIT_FILES ? consumer_interface(spec->arena, path) : NULL;
		const struct consumer *consumer;

		free(names[i]);
		if (!interface || strcmp(interface, spec->name) != 0)
			continue;
		consumer = consumer_load(spec, path, findings);
		if (consumer)
			consumers->list[consumers->count++] = consumer;
	}
	free(names);
	return consumers;
}
