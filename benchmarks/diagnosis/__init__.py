"""Does the audit name the cause of a harm? Known causes are planted one and two at a time."""
