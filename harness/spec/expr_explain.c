/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expr_explain.c - the values an expression looked at, in words.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "spec/expr_term.h"

#define TOLD 16 /* values; a loop over a buffer reads more than anybody wants to see */

struct told {
	const char *text, *field;
	bool old;
	uint64_t keys[2];
};

struct explanation {
	const struct expr_env *env;
	char *out;
	size_t size, used;
	unsigned count;
	bool more;
	struct told told[TOLD];
};

static void append(struct explanation *explanation, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void append(struct explanation *explanation, const char *format, ...)
{
	size_t room = explanation->size - explanation->used;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(explanation->out + explanation->used, room, format, args);
	va_end(args);
	if (length > 0)
		explanation->used += (size_t)length < room ? (size_t)length : room - 1;
}

/* As a reader of the upstream text would write it: small and signed numbers decimal, the others hexadecimal. */
static void append_number(struct explanation *explanation, struct value value)
{
	if (value.type.bits == 0)
		append(explanation, "%s", value.bits ? "true" : "false");
	else if (value.type.is_signed)
		append(explanation, "%" PRId64, (int64_t)value.bits);
	else if (value.bits < 10)
		append(explanation, "%" PRIu64, value.bits);
	else
		append(explanation, "0x%" PRIx64, value.bits);
}

/* An index that counts is decimal, one that is a code or an address is not. */
static void append_key(struct explanation *explanation, struct value key)
{
	if (!key.type.is_signed && key.bits >= 4096)
		append(explanation, "[0x%" PRIx64 "]", key.bits);
	else
		append(explanation, "[%" PRId64 "]", (int64_t)key.bits);
}

static bool is_same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool is_told(const struct explanation *explanation, const struct told *told)
{
	unsigned i;

	for (i = 0; i < explanation->count; i++) {
		const struct told *other = &explanation->told[i];

		if (is_same_text(other->text, told->text) && is_same_text(other->field, told->field) && other->old == told->old &&
		    !memcmp(other->keys, told->keys, sizeof(told->keys)))
			return true;
	}
	return false;
}

static void append_name(struct explanation *explanation, const struct term *term, const struct value keys[2])
{
	unsigned i;

	append(explanation, "%s%s%s", explanation->used ? ", " : "", term->old ? "old(" : "", term->text);
	for (i = 0; i < 2 && keys[i].known; i++)
		append_key(explanation, keys[i]);
	append(explanation, "%s%s%s = ", term->field ? "." : "", term->field ? term->field : "", term->old ? ")" : "");
}

static void append_constant(struct explanation *explanation, const struct term *term, struct value value)
{
	const struct expr_env *env = explanation->env;
	const char *name = NULL;

	if (env->constant_name && term->op == TERM_READ)
		name = env->constant_name(env->context, term->name, value.bits);
	if (name)
		append(explanation, " (%s)", name);
}

static void tell(void *context, const struct term *term, const struct value keys[2], struct value value)
{
	struct explanation *explanation = context;
	struct told told = {
		term->text, term->field, term->old, { keys[0].known ? keys[0].bits : 0, keys[1].known ? keys[1].bits : 0 }
	};

	if (is_told(explanation, &told))
		return;
	if (explanation->count == TOLD) {
		if (!explanation->more)
			append(explanation, ", ...");
		explanation->more = true;
		return;
	}
	explanation->told[explanation->count++] = told;
	append_name(explanation, term, keys);
	if (!value.known) {
		append(explanation, "unknown");
		return;
	}
	append_number(explanation, value);
	append_constant(explanation, term, value);
}

void expr_explain(const struct expr *expr, const struct expr_env *env, char *out, size_t size)
{
	struct explanation explanation = { .env = env, .out = out, .size = size };
	struct evaluation evaluation = { .env = env, .trace = tell, .trace_context = &explanation };

	if (!size)
		return;
	out[0] = '\0';
	term_eval(expr->root, &evaluation);
}
