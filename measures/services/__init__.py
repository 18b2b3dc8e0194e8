"""What is done to shared measurement: each verb in one transaction, with one act."""
