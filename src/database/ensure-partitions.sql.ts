/**
 * Last month, because another server's clock may be behind at the turn of the month; this one; and
 * the next two, so that two failing months of the keeper still lose no mail.
 */
export const ENSURE_PARTITIONS = `
select ensure_partitions(now() + months * interval '1 month')
from generate_series(-1, 2) as months`;
