/** Looks until the condition holds; false when it did not before the deadline. What it throws counts as "not yet". */
export async function until(condition: () => boolean | Promise<boolean>, deadlineMs: number): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  while (performance.now() < end) {
    try {
      if (await condition()) return true;
    } catch {
      // The database may be on its way back.
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}
