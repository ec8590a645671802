"""Runs the `run:` steps of a workflow's job or of a composite action here, one after the other, as a runner would: bash with the runner's
options, `env:` with expressions filled in, outputs through the file GITHUB_OUTPUT. Steps that use other actions are left out."""

import json
import os
import pathlib
import re
import subprocess

EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
JOIN = re.compile(r"join\((.+), '(.*)'\)")
COMPARISON = re.compile(r"(\S+) (==|!=) '(.*)'")


def look_up(path: str, context: dict):
    """`matrix.wheels.*.wheel`; what does not exist is empty, as on a runner."""
    values, many = [context], False
    for name in path.split("."):
        if name == "*":
            values, many = [item for value in values for item in value], True
        else:
            values = [value.get(name, "") if isinstance(value, dict) else "" for value in values]
    return values if many else values[0]


def evaluate(expression: str, context: dict):
    """The few forms of expressions that the project's workflows use in `env:` and `if:`."""
    if " || " in expression:
        return next(filter(None, (evaluate(part, context) for part in expression.split(" || "))), "")
    if literal := re.fullmatch(r"'([^']*)'", expression):
        return literal[1]
    if found := JOIN.fullmatch(expression):
        return found[2].join(look_up(found[1], context))
    if found := COMPARISON.fullmatch(expression):
        return (look_up(found[1], context) == found[3]) == (found[2] == "==")
    if not re.fullmatch(r"[\w.*-]+", expression):
        raise AssertionError(f"an expression that the tests cannot evaluate: {expression}")
    return look_up(expression, context)


def fill_in(text: str, context: dict) -> str:
    return EXPRESSION.sub(lambda found: str(evaluate(found[1], context)), str(text))


def read_outputs(text: str) -> dict[str, str]:
    """`name=value` lines and `name<<end` blocks, as docs.github.com describes under "Workflow commands"."""
    outputs, lines = {}, iter(text.splitlines())
    for line in lines:
        if "<<" in line and "=" not in line.partition("<<")[0]:
            name, _, end = line.partition("<<")
            block = []
            for inner in lines:
                if inner == end:
                    break
                block.append(inner)
            outputs[name] = "\n".join(block)
        else:
            name, _, value = line.partition("=")
            outputs[name] = value
    return outputs


class Runner:
    """A workspace, the contexts that expressions see, and what the steps printed."""

    def __init__(self, workspace: pathlib.Path, variables: dict[str, str], **contexts):
        self.workspace = workspace
        self.variables = variables
        self.contexts = {"steps": {}, **contexts}
        self.log = ""
        self.summary = ""

    def run(self, steps: list[dict]) -> list[str]:
        """Runs what can be run, and returns the names of those steps."""
        ran = []
        for step in steps:
            if "run" not in step or not evaluate(step.get("if", "true"), {**self.contexts, "true": True}):
                continue
            self.run_step(step)
            ran.append(step["name"])
        return ran

    def run_step(self, step: dict) -> None:
        output, summary = self.workspace / ".output", self.workspace / ".summary"
        output.write_text("")
        summary.write_text("")
        script = self.workspace / ".script"
        script.write_text(step["run"])
        environment = {**os.environ, **self.variables, "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
        environment |= {name: fill_in(value, self.contexts) for name, value in step.get("env", {}).items()}
        # https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax, "defaults.run.shell": bash
        run = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", script], env=environment, capture_output=True, text=True,
                             cwd=self.workspace / step.get("working-directory", "."))
        self.log += run.stdout + run.stderr
        if run.returncode != 0:
            raise AssertionError(f"step `{step['name']}` ended with {run.returncode}:\n{run.stdout}{run.stderr}")
        if "id" in step:
            self.contexts["steps"][step["id"]] = {"outputs": read_outputs(output.read_text())}
        self.summary += summary.read_text()

    def outputs(self, step: str) -> dict[str, str]:
        return self.contexts["steps"][step]["outputs"]


def parse_jobs(text: str) -> list[dict]:
    """What a runner's fromJSON makes of the plan's output."""
    return json.loads(text)["include"]
