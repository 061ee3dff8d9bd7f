-- Where a batch of an import waits for its move into contact: COPY FROM is refused by row-level security. Lives as long as the
-- connection, is emptied at each commit; local to it, so nothing of it is logged.
create temporary table if not exists import_row (
    row_number bigint not null,
    raw_phone_number text not null,
    cells jsonb not null,
    formatted_phone_number text collate "C",
    country_code text not null,
    kind text not null,
    repairs text[] not null,
    other_phone_numbers text[] not null,
    last_verified_date date,
    reason text not null,
    first_in_batch bigint -- row number of the first row in the batch with this number, null on that row itself
) on commit delete rows;
delete from import_row -- finds nothing, but where the batch is part of a larger transaction
