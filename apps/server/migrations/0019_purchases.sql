-- why: what a project buys, to the fourth digit; accounting records that outlive the project (D-8, D-19)
-- after: 0018_projects

-- Digits of the minor unit after ISO 4217; two for all others.
create function currency_digits(currency text) returns integer language sql immutable as $$
  select case
    when currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX',
      'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') then 0
    when currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 3
    when currency in ('CLF', 'UYW') then 4
    else 2 end $$;

create table purchases (
  id uuid primary key,
  project_id uuid references projects (id) on delete set null on update cascade,
  -- What the project was called when it went; null while it is there.
  project_name text,
  created_by uuid references users (id) on delete set null on update cascade,
  bought_on date not null,
  vendor text not null check (vendor <> ''),
  description text not null default '',
  quantity numeric(14, 4) not null default 1 check (quantity > 0),
  -- For one, without VAT.
  unit_price numeric(14, 4) not null check (unit_price >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- In percent; kept in each row, so that a new rate changes no old row.
  vat_rate numeric(7, 4) not null default 18 check (vat_rate between 0 and 100),
  status text not null default 'planned' check (status in
    ('planned', 'ordered', 'received', 'paid', 'cancelled')),
  category text not null default '',
  -- A document of the project.
  receipt_id uuid,
  -- Rounded half up to the minor unit of the currency, so that what is printed adds up.
  net numeric not null generated always as
    (round(quantity * unit_price, currency_digits(currency))) stored,
  vat numeric not null generated always as
    (round(round(quantity * unit_price, currency_digits(currency)) * vat_rate / 100,
      currency_digits(currency))) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  deleted_by uuid references users (id) on delete set null on update cascade
);
create index purchases_project on purchases (project_id, bought_on desc, id) where deleted_at is null;
create index purchases_created_by on purchases (created_by);
create index purchases_deleted_by on purchases (deleted_by);
create index purchases_deleted on purchases (deleted_at) where deleted_at is not null;

-- The name stays behind when the project goes; its reference is emptied by the foreign key after that.
create function name_detached_purchases() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update purchases set project_name = old.name where project_id = old.id;
  return old;
end
$$;
create trigger purchases_named before delete on projects for each row
  execute function name_detached_purchases();
revoke execute on function name_detached_purchases() from public;

grant select, insert, update on purchases to studioops_app;
grant select, update, delete on purchases to studioops_maintenance;

-- What no project holds any longer is seen by those who wrote it and those who run the workspace.
alter table purchases enable row level security;
create policy seen on purchases for select to studioops_app
  using (project_id = any ((select projects_as('viewer'))::uuid[])
    or (project_id is null and (created_by = app_user_id() or runs_the_workspace())));
create policy added on purchases for insert to studioops_app
  with check (created_by = app_user_id() and project_id = any ((select projects_as('editor'))::uuid[]));
create policy changed on purchases for update to studioops_app
  using (project_id = any ((select projects_as('editor'))::uuid[]))
  with check (project_id = any ((select projects_as('editor'))::uuid[]));
create policy maintenance on purchases for all to studioops_maintenance using (true);
