from django.forms.renderers import TemplatesSetting


class ConcertRenderer(TemplatesSetting):
    """Forms and fields through the component templates, so that `{{ form }}` looks like the product."""

    form_template_name = "components/form.html"
    field_template_name = "components/form_field.html"
