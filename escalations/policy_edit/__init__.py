"""The pages of the policy's editor: types, questions and rules as forms, the preview, versions and files."""
