/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_node.c - any bytes are a YAML tree within the limits, or an error. */
#include "fuzz.h"

#include "base/node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct err err;

	node_parse(arena, "fuzz", (const char *)data, size, &node_limits_default, &err);
	arena_free(arena);
	return 0;
}
