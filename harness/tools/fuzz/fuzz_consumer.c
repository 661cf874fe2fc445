/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_consumer.c - any file is a consumer's profile or a list of findings, whatever was read against the same specification before. */
#include "fuzz.h"

#include <stdlib.h>

#include "spec/consumer.h"

#define RENEWED_EVERY 256u /* what was read lives as long as the specification */

static struct spec *the_spec(void)
{
	static struct spec *spec;
	static unsigned uses;
	struct findings *findings;
	struct err err;

	if (spec && uses++ % RENEWED_EVERY)
		return spec;
	spec_free(spec);
	findings = findings_new();
	spec = spec_load("spec/fixtures/vmi.yaml", findings, &err);
	findings_free(findings);
	if (!spec)
		abort();
	return spec;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct findings *findings = findings_new();
	const char *path = fuzz_file(data, size);

	if (path) {
		consumer_load(the_spec(), path, findings);
		unlink(path);
	}
	findings_free(findings);
	return 0;
}
