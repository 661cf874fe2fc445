/* SPDX-License-Identifier: BSD-2-Clause */
/* information.S - document 2.0, Appendix A, PROCESSOR INFORMATION CALLS. There are no leaves of a hypervisor. */
#include "rom.inc"

	.text

entry CPUID
	cpuid
	ret

entry RDTSC
	rdtsc
	ret

entry RDPMC
	rdpmc
	ret
