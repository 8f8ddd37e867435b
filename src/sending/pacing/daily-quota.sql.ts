/**
 * Takes up to so many of a day's messages, for as long as the lane's part of the quota is not used up.
 * The day is that of the database's clock, in UTC. The statement that loses a race waits for the other
 * and counts on from there.
 * $1 provider, $2 wanted, $3 most that may be used by now.
 */
export const TAKE_OF_DAY = `
insert into provider_day as d (provider, day, used, granted)
values ($1, (now() at time zone 'UTC')::date, least($2::int, $3::int), least($2::int, $3::int))
on conflict (provider, day) do update set
  granted = greatest(0, least($2::int, $3::int - d.used)),
  used = d.used + greatest(0, least($2::int, $3::int - d.used))
returning granted,
  extract(epoch from (date_trunc('day', now() at time zone 'UTC') + interval '1 day') at time zone 'UTC' - now())::float8
    * 1000 as "leftMs"`;
