-- Run once by the image of PostgreSQL, as its superuser, on the empty database: the issuer's role and its database.
-- The role owns its database and nothing else, which is what migrations need: it makes no roles and no databases, reads
-- no files of the server, and no other role but a superuser connects to its database.
\set ON_ERROR_STOP on
\set password `cat "${LINCHPIN_PASSWORD_FILE:-/run/secrets/linchpin_password}"`
create role linchpin login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'password';
create database linchpin owner linchpin template template0 encoding 'UTF8';
revoke all on database linchpin from public;
-- Nor does the role connect to a database that is not its own.
revoke connect on database postgres, template1 from public;
