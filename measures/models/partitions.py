"""How a number is broken down: dimensions, their categories, and the cells between them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from initiatives.tenancy import TenantForeignKey, TenantModel


class Dimension(TenantModel):
    """Something people or things differ by: age, sex, phase."""

    code = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=100)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["initiative", "code"], name="one_dimension_per_code"),
        ]

    def __str__(self) -> str:
        return self.name


class Category(TenantModel):
    """One answer of a dimension; renaming it never moves data."""

    dimension = TenantForeignKey(Dimension, models.PROTECT, related_name="categories")
    code = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(default=0)
    is_not_stated = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "dimension", "code"], name="one_category_per_code"
            ),
            models.UniqueConstraint(
                fields=["initiative", "dimension"],
                condition=Q(is_not_stated=True),
                name="one_not_stated_per_dimension",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Partition(TenantModel):
    """A complete set of cells: every combination of its dimensions' categories."""

    code = models.CharField(max_length=200)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["initiative", "code"], name="one_partition_per_code"),
        ]

    def __str__(self) -> str:
        return self.code


class PartitionDimension(TenantModel):
    """A dimension's place in a partition."""

    partition = TenantForeignKey(Partition, models.CASCADE, related_name="dimensions")
    dimension = TenantForeignKey(Dimension, models.PROTECT, related_name="partitions")
    position = models.PositiveSmallIntegerField()

    class Meta(TenantModel.Meta):
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "partition", "dimension"], name="one_place_per_dimension"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partition_id}: {self.dimension_id}"


class Cell(TenantModel):
    """A combination of categories: a leaf names one of each dimension, a margin leaves some out.

    ``key`` writes it as ``phase=Primary;year=7``; the total has no cell.
    """

    partition = TenantForeignKey(Partition, models.CASCADE, related_name="cells")
    key = models.CharField(max_length=300)
    name = models.CharField(max_length=300)
    is_leaf = models.BooleanField(default=True)
    is_not_stated = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "partition", "key"], name="one_cell_per_key"
            ),
            models.UniqueConstraint(
                fields=["initiative", "partition"],
                condition=Q(is_not_stated=True),
                name="one_not_stated_per_partition",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CellLeaf(TenantModel):
    """A leaf lies in a cell; a leaf lies in itself."""

    cell = TenantForeignKey(Cell, models.CASCADE, related_name="leaves")
    leaf = TenantForeignKey(Cell, models.CASCADE, related_name="nodes")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "cell", "leaf"], name="one_leaf_per_cell"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leaf_id} in {self.cell_id}"
