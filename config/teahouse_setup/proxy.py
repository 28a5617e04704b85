"""nginx in front of a multi-process Odoo: pages to the workers, sockets to gevent."""

import os

from . import accounts, stores
from .settings import write_private
from .system import program

ACCOUNT = "www-data"
CONF = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_max_body_size 64m;
    proxy_read_timeout 720s;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Real-IP $remote_addr;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
{servers}}}
"""
SERVER = """\
    server {{
        listen 127.0.0.1:{http}{default};
        server_name {host};
        location /websocket {{
            proxy_pass http://127.0.0.1:{gevent};
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
        }}
        location / {{ proxy_pass http://127.0.0.1:{odoo}; proxy_redirect off; }}
    }}
"""


def account():
    """Return the account that runs nginx, None for oneself."""
    return accounts.service_account(ACCOUNT)


def ensure(paths, settings):
    """Write the proxy's configuration and return its path."""
    folder = accounts.ensure_folder(paths, "nginx", account())
    ports = {name: settings.port(name) for name in ("http", "odoo", "gevent")}
    servers = SERVER.format(host="_", default=" default_server", **ports)
    for store in stores.known(settings):
        ports = {name: settings.port(store.port(name)) for name in ("odoo", "gevent")}
        servers += SERVER.format(
            host=store.host, default="", http=settings.port("http"), **ports
        )
    file = folder / "nginx.conf"
    write_private(file, CONF.format(folder=folder, servers=servers))
    if account():
        stat = folder.stat()
        os.chown(file, stat.st_uid, stat.st_gid)
    return file


def command(file):
    """Return nginx's command line."""
    return [program("nginx"), "-e", "stderr", "-c", str(file)]
