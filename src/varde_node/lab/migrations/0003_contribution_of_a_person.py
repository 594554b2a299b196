"""A contribution to the register belongs to a person's sample: each is withdrawn by itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lab", "0002_assessment_phenotype_fit")]

    operations = [
        migrations.RemoveField(model_name="case", name="register_run"),
        migrations.AddField(
            model_name="sample", name="register_run", field=models.CharField(blank=True, default="", max_length=80)
        ),
        migrations.AlterField(
            model_name="sample", name="register_run", field=models.CharField(blank=True, max_length=80)
        ),
    ]
