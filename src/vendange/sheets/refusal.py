"""Why a file as a whole cannot be read."""


class FileRefused(Exception):
    """Nothing of the file was taken. `problems` are sentences with remedies."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))
