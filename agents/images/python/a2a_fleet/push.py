"""Push notifications, which callers must not aim at what only this agent can reach."""

import asyncio
import ipaddress
import os
import socket

import httpx

# Hosts besides public ones that may be notified, such as `.agents.svc.cluster.local`; loopback over HTTP, too, if named.
ALLOWED_HOSTS_VARIABLE = "PUSH_ALLOWED_HOSTS"


class PushTargetRefused(httpx.RequestError):
    """An address that no notification is sent to."""


def _allowed_hosts() -> list[str]:
    return [host for host in os.environ.get(ALLOWED_HOSTS_VARIABLE, "").lower().split(",") if host]


async def is_push_url_allowed(url: str) -> bool:
    """Whether a caller may have notifications sent there: HTTPS to a public address, or a host that is allowed."""
    try:
        await _find_address(httpx.URL(url))
    except (httpx.InvalidURL, httpx.RequestError, OSError):
        return False
    return True


async def _find_address(url: httpx.URL) -> str:
    """The address to connect to.

    Raises:
        PushTargetRefused: if the URL or any address of its host is not one to notify.
    """
    host = url.host.lower()
    named = any(host == allowed or (allowed[0] == "." and host.endswith(allowed)) for allowed in _allowed_hosts())
    if url.userinfo or not host or url.scheme not in ("https", "http"):
        raise PushTargetRefused(f"'{url}' is not a URL to notify")
    port = url.port or (443 if url.scheme == "https" else 80)
    infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(info[4][0]).split("%")[0]) for info in infos]
    for address in addresses:
        mapped = getattr(address, "ipv4_mapped", None) or address
        if mapped.is_link_local or mapped.is_multicast or mapped.is_unspecified or not (named or mapped.is_global):
            raise PushTargetRefused(f"'{host}' is not a public host")
        if url.scheme == "http" and not (named and mapped.is_loopback):
            raise PushTargetRefused(f"'{url}' is not HTTPS")
    return str(addresses[0])


class _CheckedTransport(httpx.AsyncHTTPTransport):
    """Connects to the address that was checked: a name that resolves differently the second time gains nothing."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        address = await _find_address(request.url)
        request.extensions = {**request.extensions, "sni_hostname": request.url.host}
        request.url = request.url.copy_with(host=address)
        return await super().handle_async_request(request)


def push_client() -> httpx.AsyncClient:
    """A client for notifications. It follows no redirect: that would be another address."""
    return httpx.AsyncClient(transport=_CheckedTransport(), timeout=5, follow_redirects=False, trust_env=False)
