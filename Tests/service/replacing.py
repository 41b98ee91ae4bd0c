"""Claims about packages that come and go."""

from claim import claim, expect
from service import ANALYST, CHANGED, HUB_SETTINGS, POSTS, REGISTRY, UNITS, Service, next_version

NAMES = [
    "python3-borderwire", "borderwire-console", "borderwire-hub", "borderwire-post", "borderwire", "borderwire-common"]


@claim("an upgrade restarts what runs, and keeps data, registry and what the operator changed; other settings are the new ones", within=90)
def upgrade(service: Service):
    later = next_version(service.packages, service.container.shared)
    offset = service.status()["offset"]
    pids = [service.main_pid(unit) for unit in UNITS]
    with_own = service.run("cat", HUB_SETTINGS) + "\n# The operator's own line.\n"
    service.run("tee", HUB_SETTINGS, text=with_own)
    untouched = "/etc/borderwire/provinces.toml"
    expect(CHANGED not in service.run("cat", untouched) + "\n", "changed already")
    kept = {path: service.run("cat", path) for path in (HUB_SETTINGS, REGISTRY)}
    # As an unattended upgrade does: no question, and the operator's file stays.
    service.run("dpkg", "--force-confdef", "--force-confold", "--install", *[f"/shared/{package.name}" for package in later], seconds=320)
    version = service.run("dpkg-query", "--show", "--showformat=${Version}", "borderwire-hub")
    expect(version.endswith("+next"), version)
    service.expect_active()
    expect(all(service.main_pid(unit) != pid for unit, pid in zip(UNITS, pids)), "not restarted")
    for path, text in kept.items():
        expect(service.run("cat", path) == text, f"{path} has changed")
    expect(CHANGED in service.run("cat", f"{HUB_SETTINGS}.dpkg-dist") + "\n", "the new settings are not beside the operator's")
    expect(CHANGED in service.run("cat", untouched) + "\n", "an untouched conffile was not replaced")
    expect(service.status()["offset"] >= offset, "the log is shorter")
    for post in POSTS:
        service.publish(post, 5)
    service.expect_exact()


@claim("a removal stops the services and keeps data and settings; installed again, they go on where they were", within=90)
def remove(service: Service):
    offset = service.status()["offset"]
    service.run("dpkg", "--remove", *NAMES)
    expect(service.container.try_run("pgrep", "-f", "^/usr/bin/borderwire-(console|hub|post)").stdout == "", "something still runs")
    for path in (HUB_SETTINGS, REGISTRY, "/etc/borderwire/hub.key", "/var/lib/borderwire-hub/alerts.db",
                 "/etc/borderwire/post-koh-kong.toml", "/var/lib/borderwire-post/koh-kong/outbox.db"):
        service.run("test", "-e", path)
    service.close()
    # The first version again: its settings are not those of the next one, and the operator's stay.
    service.run("dpkg", "--force-confdef", "--force-confold", "--install", *[f"/shared/{package.name}" for package in service.packages])
    service.run("systemctl", "enable", "--now", *UNITS)
    expect(service.status()["offset"] == offset, "the log has another end")
    service.read(ANALYST)
    service.publish(POSTS[0], 3)
    service.expect_exact()


@claim("a purge leaves no data, settings or secrets, but the backups, and says so", within=60)
def purge(service: Service):
    service.close()
    service.run("dpkg", "--purge", *NAMES)
    left = service.container.try_run(
        "sh", "-c", "find /etc /var/lib /var/backups -name '*borderwire*' ! -path '/var/lib/systemd/*'; find /etc/borderwire -type f").stdout.split()
    # Public files are the operator's, and name no one's secrets.
    odd = [name for name in left if name not in ("/etc/borderwire", "/var/backups/borderwire-hub") and not name.endswith(".pub")]
    expect(not odd, f"left: {odd}")
