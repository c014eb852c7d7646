"""What is in the sandbox: people, conversations, messages, views, mails, and what each page has been told."""
