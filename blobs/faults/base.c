/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware.h"

#define SPEC_VERSION	       (3u << 24)
#define IMPLEMENTATION	       0xa55a7
#define IMPLEMENTATION_VERSION 1
#define PMU		       0x504D55
#define DBCN		       0x4442434E

static uint64_t spec_version(void)
{
	uint64_t version = SPEC_VERSION;

	if (FAULT_IS(version_bit_31))
		version |= 1u << 31;
	if (FAULT_IS(version_upper_half))
		version |= 1ull << 40;
	return version;
}

static struct result probe(uint64_t extension)
{
	static unsigned count;

	if (FAULT_IS(every_50th_probe_fails) && ++count % 50 == 0)
		return result(FAILED, 0);
	if (FAULT_IS(probe_hangs_after_twenty) && ++count > 20)
		for (;;)
			;
	if (FAULT_IS(unknown_extension_probed) && !extension_present(extension))
		return result(SUCCESS, (int64_t)extension < 0 || extension > 0x7fffffff);
	if (FAULT_IS(absent_extension_probed) && extension == PMU)
		return result(SUCCESS, 1);
	if (FAULT_IS(console_hidden) && extension == DBCN)
		return result(SUCCESS, 0);
	if (FAULT_IS(absent_extension_is_an_error) && !extension_present(extension))
		return result(NOT_SUPPORTED, 0);
	return result(SUCCESS, extension_present(extension));
}

static struct result vendor(struct hart *hart)
{
	uint64_t id = csr_read(mvendorid);

	if (FAULT_IS(vendor_clobbers_a2))
		hart->registers[A2]++;
	return result(SUCCESS, FAULT_IS(vendor_forged) ? id | 0xa55a700000000 : id);
}

static struct result architecture(struct hart *hart)
{
	if (FAULT_IS(architecture_clobbers_s3))
		hart->registers[S3]++;
	return result(SUCCESS, csr_read(marchid));
}

static struct result implementation(struct hart *hart)
{
	if (FAULT_IS(implementation_clobbers_a7))
		hart->registers[A7]++;
	if (FAULT_IS(implementation_clobbers_ra))
		hart->registers[RA] = csr_read(mepc);
	return result(SUCCESS, csr_read(mimpid));
}

static struct result implementation_version(void)
{
	return result(SUCCESS, IMPLEMENTATION_VERSION);
}

/* What somebody forgot to write down: 8 bytes behind a1 are turned over when a0 says that there are 16. */
static struct result hidden(struct hart *hart, const uint64_t *args)
{
	if (args[0] == 16 && caller_memory(0, args[1], 16))
		*(volatile uint64_t *)args[1] ^= ~0ull;
	hart->registers[S3]++;
	return result(SUCCESS, 0x5eed);
}

struct result base_call(struct hart *hart, uint64_t function, uint64_t *args)
{
	if (FAULT_IS(function_of_16_bits))
		function &= 0xffff;
	switch (function) {
	case 0:
		return result(FAULT_IS(version_fails) ? FAILED : SUCCESS, spec_version());
	case 1:
		return result(FAULT_IS(implementation_id_missing) ? NOT_SUPPORTED : SUCCESS, IMPLEMENTATION);
	case 2:
		return implementation_version();
	case 3:
		return probe(args[0]);
	case 4:
		return vendor(hart);
	case 5:
		return architecture(hart);
	case 6:
		return implementation(hart);
	default:
		if (FAULT_IS(hidden_function) && function == 7)
			return hidden(hart, args);
		return result(FAULT_IS(unknown_function_succeeds) ? SUCCESS : NOT_SUPPORTED, 0);
	}
}
