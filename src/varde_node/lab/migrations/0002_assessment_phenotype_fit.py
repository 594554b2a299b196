"""A person's judgement of how specific the child's phenotype is for the gene."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lab", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="assessment",
            name="phenotype_fit",
            field=models.CharField(blank=True, max_length=20, default=""),
            preserve_default=False,
        ),
    ]
