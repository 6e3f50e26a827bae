"""The generated pages: docs/parameters.md and docs/faults.md."""

from host_sim import tables


def parameters_page():
    head = "| id | key | name | min | max | " + " | ".join(tables.PROFILES) + " | set by | AFE |"
    lines = [
        "# Parameters",
        "",
        "This page is generated from `tables/parameters.toml`; `make generate` renews it.",
        "A bold default differs from `ess`. `factory` parameters need the factory access;",
        "*fixed* ones cannot be changed in that profile.",
        "",
        head,
        "|" + " --- |" * (head.count("|") - 1),
    ]
    for row in tables.parameters():
        cells = [str(row["id"]), f"`{row['key']}`", row["name"]]
        cells += [
            tables.show({**row, "choices": ()}, row[k])
            if "choices" in row
            else tables.show(row, row[k])
            for k in ("min", "max")
        ]
        for profile in tables.PROFILES:
            value = tables.default(row, profile)
            text = tables.show(row, value)
            text = f"**{text}**" if value != row["default"] else text
            cells.append(text + (" *fixed*" if profile in row.get("fixed_in", ()) else ""))
        cells += [row.get("access", "user"), "yes" if row.get("afe") else ""]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines + _texts() + _windows()) + "\n"


def _texts():
    lines = [
        "",
        "## Texts",
        "",
        "| id | key | name | bytes | default | set by |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in tables.load("parameters")["texts"]:
        cells = (row["id"], f"`{row['key']}`", row["name"], row["max"], row["default"])
        lines.append("| " + " | ".join(map(str, cells)) + f" | {row['access']} |")
    return lines


def _windows():
    lines = ["", "## Absolute limits (no profile, port or password passes them)", ""]
    for name, limit in tables.load("parameters")["absolute"].items():
        over, under = limit["ovp_max_mv"] / 1000, limit["uvp_min_mv"] / 1000
        lines.append(f"- {name}: OVP at most {over:.2f} V, UVP at least {under:.2f} V")
    return lines


def faults_page():
    lines = [
        "# Faults",
        "",
        "This page is generated from `tables/faults.toml`; `make generate` renews it.",
        "Off: C charge MOS, D discharge MOS, B balancing. JK: bit of the alarm word 0x12A0.",
        "",
        "| id | key | text | severity | off | ALM | JK | requirement |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in tables.fault_rows().values():
        cells = (
            row["id"],
            f"`{row['key']}`",
            row["text"],
            row["severity"],
            row["off"],
            "flickers" if row.get("alm") else "",
            row.get("jk", ""),
            row["req"],
        )
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + "\n"
