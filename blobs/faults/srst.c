/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware.h"

enum { SHUTDOWN, COLD_REBOOT, WARM_REBOOT };
enum { NO_REASON, SYSTEM_FAILURE };

struct result srst_call(struct hart *hart, uint64_t function, uint64_t *args)
{
	uint64_t type = FAULT_IS(reset_type_of_64_bits) ? args[0] : (uint32_t)args[0];
	uint64_t reason = (uint32_t)args[1];

	(void)hart;
	if (function != 0)
		return result(NOT_SUPPORTED, 0);
	if (FAULT_IS(reset_reserved_type) && type > WARM_REBOOT)
		type = COLD_REBOOT;
	if (FAULT_IS(reset_reserved_reason) && reason > SYSTEM_FAILURE)
		reason = NO_REASON;
	if (type > WARM_REBOOT || reason > SYSTEM_FAILURE)
		return result(FAULT_IS(reset_wrong_error) ? NOT_SUPPORTED : INVALID_PARAM, 0);
	if (FAULT_IS(shutdown_returns) && type == SHUTDOWN)
		return result(SUCCESS, 0);
	if (FAULT_IS(shutdown_resets) && type == SHUTDOWN)
		type = COLD_REBOOT;
	if (FAULT_IS(reboot_hangs) && type == COLD_REBOOT)
		hang();
	if (FAULT_IS(reboot_shuts_down) && type == WARM_REBOOT)
		type = SHUTDOWN;
	if (type == SHUTDOWN)
		power_off();
	power_reset();
}
