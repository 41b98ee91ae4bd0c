"""Claims about packages: installed, documented, enrolled."""

import re

from claim import claim, eventually, expect
from service import ANALYST, HUB, HUB_SETTINGS, POSTS, REGISTRY, REVOKED, UNITS, Service

PROGRAMS = {"borderwire": "1", "borderwire-console": "1", "borderwire-hub": "8", "borderwire-post": "8"}

POST_EXAMPLE = "/usr/share/doc/borderwire-post/examples/post.toml"
ANALYST_SETTINGS = "/etc/borderwire/analyst.toml"
EVERY_KEY = r"s/^# ([a-z_]+ = )/\1/"


@claim("the packages install without Swift, and start nothing by themselves", within=60, is_vital=True)
def install(service: Service):
    service.run("dpkg", "--install", *[f"/shared/{package.name}" for package in service.packages])
    for program in PROGRAMS:
        libraries = service.run("ldd", f"/usr/bin/{program}")
        expect("not found" not in libraries and "swift" not in libraries.lower(), libraries)
        service.run(program, "--version")
    expect(service.run("systemctl", "list-units", "--no-legend", "--all", "borderwire*") == "", "a unit is loaded")
    enabled = service.container.try_run("systemctl", "is-enabled", HUB).stdout.strip()
    expect(enabled == "disabled", f"{HUB} is {enabled}")
    conffiles = service.run("sh", "-c", "cat /var/lib/dpkg/info/borderwire*.conffiles").split()
    expect({HUB_SETTINGS, "/etc/borderwire/analyst.toml", "/etc/borderwire/provinces.toml"} <= set(conffiles), f"{conffiles}")


@claim("systemd finds nothing wrong with the units, and rates the hub's exposure at most 1.5", within=30)
def exposure(service: Service):
    service.run("sh", "-c", "touch /etc/borderwire/post-verify.toml /etc/borderwire/console-verify.toml")
    verdict = service.container.try_run("systemd-analyze", "verify", HUB, "borderwire-hub-backup.timer", "borderwire-hub-page.timer", "borderwire-post@verify.service",
        "borderwire-console@verify.service")
    service.run("rm", "/etc/borderwire/post-verify.toml", "/etc/borderwire/console-verify.toml")
    # Manual pages are not in the tree, since it is a minimal one.
    wrong = [line for line in verdict.stderr.splitlines() if "man " not in line]
    expect(not wrong, "\n".join(wrong))
    figures = []
    for unit in (HUB, "borderwire-post@koh-kong.service", "borderwire-console@verify.service"):
        text = service.run("systemd-analyze", "security", "--no-pager", "--threshold=15", unit)
        figures.append(re.search(r"exposure level.*: ([0-9.]+)", text)[1])
    return f"hub {figures[0]}, post {figures[1]}, console {figures[2]}"


@claim("every command and option of the programs' help is in their manual pages", within=30)
def manual(service: Service):
    missing = []
    for program, section in PROGRAMS.items():
        page = service.run("sh", "-c", f"zcat /usr/share/man/man{section}/{program}.{section}.gz")
        # As mdoc writes them: Fl Fl option, Cm command.
        options = {match.replace("\\-", "-") for match in re.findall(r"Fl Fl ([a-z-]+)", page)}
        commands = {word for line in re.findall(r"Cm ([a-z -]+)", page) for word in line.split()}
        levels = [[program]]
        while levels:
            level = levels.pop()
            text = service.run(*level, "--help")
            text = text.partition("And, as before")[0]
            for option in re.findall(r"^ +(?:-[a-z],)?--([a-z-]+)", text, re.M):
                if option not in options:
                    missing.append(f"{' '.join(level)} --{option}")
            listed = re.search(r"^Commands:\n(.*?)(\n\n|\Z)", text, re.M | re.S)
            for command in re.findall(r"^  ([a-z-]+) ", listed[1], re.M) if listed else []:
                if command not in commands:
                    missing.append(f"{' '.join(level)} {command}")
                levels.append(level + [command])
    expect(not missing, "not in the manual: " + ", ".join(missing))


@claim("bash completes commands, options, choices and provinces", within=20)
def completion(service: Service):
    def words(*typed: str) -> list[str]:
        script = """
            source /usr/share/bash-completion/bash_completion
            source "/usr/share/bash-completion/completions/$1"
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
            _borderwire; printf '%s\\n' "${COMPREPLY[@]}"
        """
        return service.run("bash", "-c", script, "bash", *typed).split()

    cases = [
        (["borderwire", "ta"], "tail"),
        (["borderwire-hub", "enroll", "--pub"], "--publish"),
        (["borderwire-post", "publish", "suspect", "--role", "bro"], "broker"),
        (["borderwire", "tail", "--province", "koh"], "koh-kong"),
    ]
    for typed, wanted in cases:
        got = words(*typed)
        expect(got == [wanted], f"{' '.join(typed)}: {got}, not {wanted}")


@claim("with the settings as installed, an operator makes keys and enrolls two posts and two readers", within=30, is_vital=True)
def enrol(service: Service):
    run = service.run
    run("borderwire", "keygen", "hub", "--out", "/etc/borderwire")
    run("sed", "-i", "s/^# address = .*/address = \"127.0.0.1\"/", HUB_SETTINGS)
    for post in POSTS:
        run("borderwire", "keygen", post, "--out", "/etc/borderwire")
        run("chown", "borderwire-post", f"/etc/borderwire/{post}.key")
        settings = f"/etc/borderwire/post-{post}.toml"
        run("cp", POST_EXAMPLE, settings)
        run("sed", "-i", "-e", f"s/koh-kong/{post}/", "-e", "s/hub.invalid/127.0.0.1/", settings)
        run("borderwire-hub", "enroll", f"/etc/borderwire/{post}.pub", "--publish", post)
    for user in (ANALYST, REVOKED):
        run("useradd", "--create-home", user)
        home = f"/home/{user}"
        run("runuser", "-u", user, "--", "mkdir", f"{home}/posts", f"{home}/cursors")
        run("runuser", "-u", user, "--", "borderwire", "keygen", user, "--out", home)
        run("cp", *[f"/etc/borderwire/{post}.pub" for post in POSTS], f"{home}/posts")
        run("sh", "-c", f"""
            sed -e 's/analyst.key/{user}.key/' -e 's/hub.invalid/127.0.0.1/' -e 's/"hub.pub"/"\\/etc\\/borderwire\\/hub.pub"/' \\
                -e 's/^# posts/posts/' -e 's/^# state/state/' {ANALYST_SETTINGS} > {home}/analyst.toml""")
        run("borderwire-hub", "enroll", f"{home}/{user}.pub", "--read", "all")
    run("borderwire-hub", "check")
    # The examples name every key: with none commented out they are in order too.
    run("sh", "-c", f"sed -E '{EVERY_KEY}' {HUB_SETTINGS} > /etc/borderwire/every.toml")
    run("borderwire-hub", "check", "--config", "/etc/borderwire/every.toml")
    run("rm", "/etc/borderwire/every.toml")
    facts = run("stat", "--format=%U:%G %a", REGISTRY)
    expect(facts == "root:borderwire-hub 640", f"{REGISTRY} is {facts}")


@claim("a start returns when hub and posts are ready, and the links come up", within=40, is_vital=True)
def start(service: Service):
    service.run("systemctl", "enable", "--now", *UNITS)
    service.expect_active()
    service.status()
    for post in POSTS:
        eventually(lambda: service.outbox(post)["link"] == "up", 10, f"{service.outbox(post)}")
    for post in POSTS:
        settings = f"/etc/borderwire/post-{post}.toml"
        service.run("sh", "-c", f"sed -E '{EVERY_KEY}' {settings} > /etc/borderwire/every.toml")
        done = service.container.try_run(
            "runuser", "-u", "borderwire-post", "--", "borderwire-post", "status", "--config", "/etc/borderwire/every.toml")
        service.run("rm", "/etc/borderwire/every.toml")
        expect(done.returncode == 0, f"{settings} with every key: {done.stderr}")
