-- The reference PDV's own books. Money is centavos, instants are milliseconds since 1970 (UTC).

create table company (
    id integer primary key,
    name text not null,
    cnpj text not null unique,
    -- Parâmetro 574, "Habilitar integração POS Connect".
    pos_connect integer not null default 0 check (pos_connect in (0, 1)),
    account_id text unique,
    secret_key text,
    -- Id of the last event of mobilepayment that was taken in; '0': none.
    events_since text not null default '0'
) strict;

create table person (
    id integer primary key,
    login text not null unique collate nocase,
    name text not null,
    password_hash text not null,
    role text not null check (role in ('cashier', 'manager')),
    active integer not null default 1 check (active in (0, 1))
) strict;

create table session (
    token_hash text primary key,
    person_id integer not null references person (id),
    company_id integer not null references company (id),
    created_at integer not null,
    seen_at integer not null
) strict, without rowid;

create table product (
    id integer primary key,
    code text not null unique,
    barcode text unique,
    description text not null,
    unit text not null,
    price integer not null check (price > 0)
) strict;

create table terminal (
    serial text primary key,
    company_id integer not null references company (id),
    model text not null check (model in ('L3', 'A8', 'P2')),
    acquirer_cnpj text not null,
    description text not null
) strict, without rowid;

create table sale (
    id integer primary key,
    company_id integer not null references company (id),
    number integer not null,
    status text not null check (status in ('open', 'finished', 'cancelled')),
    person_id integer not null references person (id),
    created_at integer not null,
    ended_at integer,
    unique (company_id, number)
) strict;
create index sale_open on sale (company_id, person_id) where status = 'open';
create index sale_ended on sale (company_id, ended_at) where status <> 'open';

create table sale_item (
    sale_id integer not null references sale (id),
    line integer not null,
    product_id integer not null references product (id),
    description text not null,
    unit text not null,
    price integer not null check (price > 0),
    quantity integer not null check (quantity > 0),
    primary key (sale_id, line)
) strict, without rowid;

-- A payment of a sale. One by POS is written here before anything is sent, and its id is the key under which it is sent.
create table payment (
    id text primary key,
    sale_id integer not null references sale (id),
    form text not null check (form in ('cash', 'pos')),
    amount integer not null check (amount > 0),
    created_at integer not null,
    -- Of cash: what the customer gave.
    received integer,
    -- Of POS: what the terminals are asked.
    serial text,
    method text check (method in ('credit', 'debit', 'voucher', 'pix')),
    installments integer not null default 1,
    -- Of POS: what became of it.
    order_id text unique,
    order_json text,
    -- Told only as it was created: what happened to it since must still be read.
    unread integer not null default 0 check (unread in (0, 1)),
    refusal_code text,
    refusal_text text,
    cancel_wanted integer not null default 0 check (cancel_wanted in (0, 1)),
    -- Nothing more is to be sent or heard.
    ended integer not null default 0 check (ended in (0, 1))
) strict, without rowid;
create index payment_of_sale on payment (sale_id);
create index payment_live on payment (sale_id) where form = 'pos' and ended = 0;
