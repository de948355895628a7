"""Step 1 of a tree, as a script: planned, looked at, proved, and only then carried out."""

import sys

import vrefactor

tree = vrefactor.open_tree(sys.argv[1])
rules = vrefactor.load_rules(tree)

for row in vrefactor.scan_tree(tree, rules).rows:
    print(row.variable.path, row.variable.name, row.proposal, row.reason, sep="\t")

(stage,) = vrefactor.plan_steps(tree, rules, "1")
for site in stage.plan.refused:
    print(f"{site.path}:{site.line}: {site.name}: {site.reason}", file=sys.stderr)

options = vrefactor.VerifyOptions(allow_uncovered=True)  # the JSON report lists such lines
report = vrefactor.verify_trees(stage.before, stage.after, rules, options=options)
if report.exit_code == 0:
    sys.stdout.buffer.write(vrefactor.diff_trees(stage.before, stage.after))
    vrefactor.write_tree(stage.after)

for finding in vrefactor.audit_tree(stage.after, rules).findings:
    print(f"{finding.path}:{finding.line}: {finding.what}", file=sys.stderr)
sys.exit(report.exit_code)
