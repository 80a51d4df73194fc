resource "aws_cloudwatch_log_group" "flows" {
  #checkov:skip=CKV_AWS_338:How long logs are worth their price is the caller's to say, by log_retention_days
  name              = "/aws/vpc/${var.name}/flows"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.this.arn
  tags              = local.tags
}

resource "aws_flow_log" "this" {
  vpc_id               = aws_vpc.this.id
  traffic_type         = "ALL"
  log_destination_type = "cloud-watch-logs"
  log_destination      = aws_cloudwatch_log_group.flows.arn
  iam_role_arn         = aws_iam_role.flows.arn
  tags                 = merge(local.tags, { Name = var.name })

  depends_on = [aws_iam_role_policy.flows]
}

resource "aws_iam_role" "flows" {
  name        = "${var.name}-${var.region}-flows"
  description = "Poorwill's cluster ${var.name}: who writes the network's logs"
  tags        = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "flows" {
  name = "write"
  role = aws_iam_role.flows.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogGroups", "logs:DescribeLogStreams"]
      Resource = "arn:aws:logs:${var.region}:${local.account}:log-group:${aws_cloudwatch_log_group.flows.name}:*"
    }]
  })
}
